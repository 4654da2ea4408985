//! TLS and logins, on a broker with a certificate that the test makes itself.
