"""The whole service as people meet it: over HTTP and the websocket, with a pretend PBX behind it."""
