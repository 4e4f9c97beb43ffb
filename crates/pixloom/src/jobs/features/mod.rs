//! What `dedup` and `clean` know of each picture, from one reduced decode or from the cache.
mod bank;
mod facts;
mod folders;
mod look;
mod measures;
mod planes;
mod scan;

pub(super) use bank::Bank;
pub(super) use facts::Facts;
pub(super) use folders::{Folders, Role};
pub(super) use look::{Mode, codes, features_of, full_size_quality, only_colour, reduced_picture};
pub(super) use measures::{Detail, Measures};
pub(super) use scan::{CacheSettings, Picture, Scan, Scanner, spill_folder};
