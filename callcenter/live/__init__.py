"""The websocket: protocol, hub, presence."""
