//! Style pictures: the house styles by name, any other by where it lies; and their codes, computed once.

mod book;
mod library;

pub use book::StyleBook;
pub use library::{HouseStyle, LibraryError, StyleLibrary};
