//! What every message carries.
