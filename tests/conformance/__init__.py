"""What `callcenter.ami` promises about a connection, whatever library carries it."""
