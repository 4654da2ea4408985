//! What is sent: the bytes of a message, made beforehand.

mod bodies;

pub use bodies::Bodies;
