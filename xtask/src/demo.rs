//! From nothing to a contact sheet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use crate::run::{binary, command, root, run};
use crate::setup;

/// Two styles; the nearest things are painted a little, too, so that a look at the sheet tells.
const RECIPE: [&str; 10] = [
    "--style",
    "nocturne",
    "--style",
    "embers",
    "--depth-near",
    "0.25",
    "--detail",
    "residual",
    "--size",
    "1024",
];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Your own photos instead of the demo's
    folder: Option<PathBuf>,
    /// Where the results go
    #[arg(long, default_value = "demo")]
    out: PathBuf,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    let began = Instant::now();
    println!("cargo xtask demo: builds Velatura, brings the whole system up in one process, and restyles photos.");
    println!(
        "It is built in cargo's dev profile with the pixel code optimised: some 5 minutes on 2 cores the first time.\n"
    );
    setup::ensure(&setup::PROGRAM)?;
    run(command("cargo").args(["build", "--workspace", "--bin", "velatura"]))?;
    let built = Instant::now();

    let folder = options.folder.clone().unwrap_or_else(|| root().join("models/scenes"));
    let folder = folder
        .canonicalize()
        .with_context(|| format!("there is no folder {}", folder.display()))?;
    ensure!(folder.is_dir(), "{} is no folder", folder.display());
    let photos = if options.folder.is_some() {
        vec![folder.clone()]
    } else {
        scenes(&folder)?
    };
    let out = std::path::absolute(&options.out)?;
    let results = out.join("results");
    fs::create_dir_all(&results).with_context(|| format!("can't make the folder {}", results.display()))?;

    let velatura = binary("debug", "velatura");
    let addresses = Addresses::free()?;
    let mut up = Up::start(&velatura, &addresses, &[&folder, &results], &out)?;
    let mut submit = Command::new(&velatura);
    submit
        .arg("submit")
        .args(&photos)
        .arg("--to")
        .arg(&results)
        .arg("--watch");
    submit
        .args(["--coordinator", &format!("http://{}", addresses.grpc)])
        .args(RECIPE);
    let painted = run(&mut submit);
    up.stop()?;
    painted?;

    // The same recipe over the same photos: everything is there already, and only the sheet is made.
    let sheet = out.join("sheet.png");
    let mut stylize = Command::new(&velatura);
    stylize
        .arg("stylize")
        .args(&photos)
        .arg("--out")
        .arg(&results)
        .arg("--sheet")
        .arg(&sheet)
        .args(RECIPE);
    run(&mut stylize)?;

    let (whole, painting) = (began.elapsed().as_secs(), built.elapsed().as_secs_f64());
    println!("\nDone in {whole} s, of which painting {painting:.1} s. Look at:");
    println!("  {}  photo, depth and results side by side", sheet.display());
    println!("  {}/  the pictures", results.display());
    println!("\nTry next:");
    println!("  cargo xtask demo YOUR/PHOTOS");
    println!("  {} styles", velatura.display());
    println!(
        "  {} stylize YOUR/PHOTOS --style sumi --style YOUR/PAINTING.jpg --out painted/",
        velatura.display()
    );
    println!(
        "  {} up --root YOUR/PHOTOS    # the same as a service: REST, gRPC, metrics",
        velatura.display()
    );
    Ok(())
}

/// The demo's photos: the scenes themselves, without their depth.
fn scenes(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut scenes: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    scenes.retain(|path| path.extension().is_some_and(|extension| extension == "jpg"));
    scenes.sort();
    Ok(scenes)
}

struct Addresses {
    rest: String,
    grpc: String,
    worker: String,
    exporter: String,
}

impl Addresses {
    fn free() -> Result<Self> {
        let mut held = Vec::new();
        let mut next = || -> Result<String> {
            let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            let address = listener.local_addr()?.to_string();
            held.push(listener);
            Ok(address)
        };
        Ok(Self {
            rest: next()?,
            grpc: next()?,
            worker: next()?,
            exporter: next()?,
        })
    }
}

/// The whole system in one process.
struct Up(Child);

impl Up {
    fn start(velatura: &Path, addresses: &Addresses, roots: &[&Path], out: &Path) -> Result<Self> {
        let log = out.join("up.log");
        let mut command = Command::new(velatura);
        command.arg("up").arg("--data").arg(out.join("data"));
        command.args(
            roots
                .iter()
                .flat_map(|root| [Path::new("--root").as_os_str(), root.as_os_str()]),
        );
        command.args(["--listen", &addresses.rest, "--grpc-listen", &addresses.grpc]);
        command.args([
            "--worker-listen",
            &addresses.worker,
            "--exporter-listen",
            &addresses.exporter,
        ]);
        command.stdout(Stdio::null()).stderr(fs::File::create(&log)?);
        let mut up = Self(command.spawn().context("velatura up does not start")?);
        let began = Instant::now();
        while !up.is_ready(&addresses.rest) {
            if let Some(status) = up.0.try_wait()? {
                bail!(
                    "velatura up ended with {status}: {}",
                    fs::read_to_string(&log).unwrap_or_default().trim_end()
                );
            }
            ensure!(
                began.elapsed() < Duration::from_secs(30),
                "velatura up is not ready after 30 s; see {}",
                log.display()
            );
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(up)
    }

    fn is_ready(&self, address: &str) -> bool {
        use std::io::{Read as _, Write as _};
        let ask = || -> std::io::Result<String> {
            let mut stream = std::net::TcpStream::connect(address)?;
            stream.write_all(b"GET /readyz HTTP/1.0\r\nHost: demo\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.contains(" 200 "))
    }

    fn stop(&mut self) -> Result<()> {
        let pid = i32::try_from(self.0.id())?;
        // SAFETY: the child has not been waited for, so the id is still its own.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        let status = self.0.wait()?;
        ensure!(status.success(), "velatura up ended with {status}");
        Ok(())
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
