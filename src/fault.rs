//! One thing wrong in what the user wrote.
