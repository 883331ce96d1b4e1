//! What statements are found to do.
