//! What the tests need installed: PostgreSQL's server, moto in a Python environment of its own, and, where it is asked
//! for, a Kubernetes API server built from source.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, bail};

use crate::process::{installed, root, run};

/// The versions that `tests/` is written against; the last release of each that was tried.
const REQUIREMENTS: [&str; 2] = ["moto[server]==5.2.1", "boto3==1.43.11"];

/// Installs PostgreSQL's server unless it is there or another one is named.
pub(crate) fn postgres() -> anyhow::Result<()> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = debian.into_iter().any(|version| version.path().join("bin/initdb").is_file());
    if found || installed("initdb") || std::env::var_os("AUDITOR_TEST_POSTGRES_URL").is_some() {
        return Ok(());
    }
    apt_install("postgresql")
        .context("the tests need PostgreSQL's server, or AUDITOR_TEST_POSTGRES_URL to name one")
}

/// A Python with moto and boto3: the one that is named, or one made in `cache` unless it is there.
pub(crate) fn moto(cache: &Path) -> anyhow::Result<PathBuf> {
    if let Some(python) = std::env::var_os("AUDITOR_TEST_PYTHON") {
        return Ok(python.into());
    }
    let environment = cache.join("moto-environment");
    let python = environment.join("bin/python");
    let stamp = environment.join("requirements.txt");
    let wanted = REQUIREMENTS.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    let make = || run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    if !installed("python3") || make().is_err() {
        apt_install("python3-venv").context("the tests need Python with its `venv` module for moto")?;
        make()?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(REQUIREMENTS);
    run(&mut pip).context("the tests need moto, an AWS in Python")?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write `{}`", stamp.display()))?;
    Ok(python)
}

/// Folder of `kube-apiserver` and `etcd`: the one that is named, or one outside the tree, where they are built unless
/// they are there.
pub(crate) fn kubernetes() -> anyhow::Result<PathBuf> {
    if let Some(programs) = std::env::var_os("AUDITOR_TEST_KUBERNETES") {
        return Ok(programs.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    let folder = cache.context("neither `XDG_CACHE_HOME` nor `HOME` is set")?.join("auditor-ci/kubernetes");
    let programs = folder.join("bin");
    if programs.join("kube-apiserver").is_file() && programs.join("etcd").is_file() {
        return Ok(programs);
    }
    let (mut out, started) = (std::io::stdout(), Instant::now());
    let shown = folder.display();
    writeln!(out, "building kube-apiserver from Debian's source in `{shown}`: about 6 minutes on two cores")?;
    run(Command::new("sh").arg(root().join("tests/kubernetes/build-apiserver.sh")).arg(&folder))
        .context("the tests of `--kubernetes` need kube-apiserver, which is built on Debian or Ubuntu")?;
    writeln!(out, "built kube-apiserver in {} s", started.elapsed().as_secs())?;
    Ok(programs)
}

fn apt_install(package: &str) -> anyhow::Result<()> {
    let by_hand = format!("install it by hand: `apt-get install {package}` on Debian");
    if !installed("apt-get") {
        bail!("{by_hand}, its like elsewhere");
    }
    let is_root = fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
    let may_sudo = || {
        installed("sudo")
            && Command::new("sudo").args(["-n", "true"]).status().is_ok_and(|status| status.success())
    };
    let prefix: &[&str] = if is_root {
        &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    } else if may_sudo() {
        &["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    } else {
        bail!("neither root nor `sudo` without a password; {by_hand}");
    };
    let apt = |arguments: &[&str]| run(Command::new(prefix[0]).args(&prefix[1..]).args(arguments));
    apt(&["update", "--quiet"])?;
    apt(&["install", "--quiet", "--yes", "--no-install-recommends", package]).context(by_hand)
}
