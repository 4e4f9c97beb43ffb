//! Tests of whole images.
