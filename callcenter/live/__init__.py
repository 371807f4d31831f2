"""The websocket: what every open page is told, and who has one open."""
