//! Helpers of the end-to-end tests: the binary, real photos good and bad, a publisher of files, and the whole system on
//! private servers.

mod binary;
mod fleet;
mod photos;
mod publisher;

pub use binary::{Ran, run_measured, velatura, velatura_command};
pub use fleet::{Fleet, Process, get};
pub use photos::{BAD, GOOD, Photo, mixed_folder, scenes, sixty_megapixels, square_photos};
pub use publisher::{Publisher, Serving, pack_archive};
