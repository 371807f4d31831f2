"""The demo: the whole product on a pretend PBX, with made-up people, customers and history."""
