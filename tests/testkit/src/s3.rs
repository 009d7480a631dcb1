//! A private server.
