"""The whole service against a real Asterisk, with SIPp as phones and carrier."""
