//! Parts of a message that its key or a header takes, and headers.

use std::sync::Arc;

use super::lines::Column;

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// This field of the template, by its place there.
    Of(usize),
    /// Of each message of a file its own.
    Column(Arc<Column>),
}

/// A header of each message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: HeaderValue,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// Always the same.
    Text(String),
    /// A part of the message.
    Field(Field),
}
