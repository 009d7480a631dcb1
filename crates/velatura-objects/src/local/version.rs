use std::fs::Metadata;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Size and time of change. Not the inode, so that a library copied to another disk with its times is still the same.
pub(super) fn version(meta: &Metadata) -> io::Result<String> {
    let modified = meta.modified()?;
    let (sign, since) = match modified.duration_since(UNIX_EPOCH) {
        Ok(since) => ("", since),
        Err(before) => ("-", before.duration()),
    };
    Ok(format!("{:x}-{sign}{:x}", meta.len(), since.as_nanos()))
}

/// A time of change for a new file: now, but never the same twice. The kernel's own clock for files ticks only every few
/// milliseconds, so two quick puts of the same size would be one version.
pub(super) fn unique_now() -> SystemTime {
    static LAST_NANOS: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
    let later = |last: u64| now.max(last.saturating_add(1));
    let last = LAST_NANOS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(later(last)));
    UNIX_EPOCH + Duration::from_nanos(later(last.unwrap_or_else(|same| same)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_times_are_the_same() {
        let times: HashSet<_> = (0..10_000).map(|_| unique_now()).collect();
        assert_eq!(times.len(), 10_000);
    }
}
