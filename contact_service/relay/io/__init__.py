"""Sockets and cipher: UDP, ICE, DTLS, SRTP and session descriptions."""
