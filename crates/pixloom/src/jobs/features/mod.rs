//! What `dedup` and `clean` know of each picture, from one reduced decode or from the cache.
mod bank;
mod facts;
mod folders;
mod look;
mod measures;
mod planes;
mod scan;

pub(super) use bank::Bank;
pub(super) use facts::{Facts, Known, Looked};
pub(super) use folders::{Folders, Role};
pub(super) use look::{Look, Mode, codes, full_size_quality};
pub(super) use measures::Measures;
pub(super) use planes::Planes;
pub(super) use scan::{CacheSettings, Picture, Scan, Scanner};
