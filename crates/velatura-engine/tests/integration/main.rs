//! The engine on real graphs: the tiny pack beside this folder, and the one that is shipped.

mod alpha;
mod engine;
mod equations;
mod measured;
mod packs;
mod painting;
mod shipped_pack;
mod support;
