use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";
/// Where a node of another Debian finds its folder.
const MOUNT: &str = "/mnt";

/// A version of RabbitMQ whose rules differ from the others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// Debian 12's: no delivery limit unless asked for, every requeue counts.
    V3_10,
    /// A delivery limit of 20 by default, every requeue counts.
    V4_0,
    /// A delivery limit of 20 by default, only failed deliveries count.
    V4_3,
}

impl Version {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::V3_10, Self::V4_0, Self::V4_3];

    /// Whether it can be started here.
    pub fn is_available(self) -> bool {
        let programs = match self.root() {
            None => PathBuf::from(PROGRAMS),
            // Entering another root is for root alone.
            // SAFETY: geteuid has no precondition and can't fail.
            Some(_) if unsafe { libc::geteuid() } != 0 => return false,
            Some(root) => root.join(PROGRAMS.trim_start_matches('/')),
        };
        programs.join("rabbitmq-server").exists()
    }

    /// How to get it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::V3_10 => "run cargo xtask setup",
            Self::V4_0 | Self::V4_3 => "run tests/testkit/rabbitmq-versions.sh, and the tests, as root",
        }
    }

    /// The folder of another Debian that has it; `None` for the one that is installed on this machine.
    fn root(self) -> Option<PathBuf> {
        match self {
            Self::V3_10 => None,
            Self::V4_0 | Self::V4_3 => Some(data_home()?.join("velatura/rabbitmq").join(self.to_string())),
        }
    }

    /// A program of this version, and how it calls the folder given.
    pub(super) fn program(self, name: &str, folder: &Path) -> (Command, String) {
        let Some(root) = self.root() else {
            let mut command = Command::new(format!("{PROGRAMS}/{name}"));
            command.current_dir(folder);
            return (command, folder.to_string_lossy().into_owned());
        };
        // Mounted where only this process sees it, so that nothing stays mounted when it ends, however it ends. Each step
        // becomes the next: the process id stays the same to the end, and so does the order to die with the test.
        let enter = format!(
            "mount -t proc proc \"$1/proc\" && mount --rbind /dev \"$1/dev\" && mount --bind \"$2\" \"$1{MOUNT}\" && \
             root=$1 && shift 2 && exec chroot \"$root\" \"$@\""
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "--", "sh", "-c", &enter, "sh"]);
        command.arg(root).arg(folder).arg(format!("{PROGRAMS}/{name}"));
        (command, MOUNT.to_owned())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_10 => "3.10",
            Self::V4_0 => "4.0",
            Self::V4_3 => "4.3",
        })
    }
}

fn data_home() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")))
}
