//! Real clients against the built binary; each step installs what it needs by package name.
//!
//! The tests themselves lie in `tests/`, one folder a step; each ends with one line, `N passed, N failed`. Packages for
//! Node are pinned by lock files and installed beside their tests, packages for Python by `requirements.txt` into virtual
//! environments under the target folder, those of Maven by `pom.xml`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::step::{Site, Step, cargo};

/// Where Debian puts the browser of the pages' tests.
const BROWSER: &str = "/usr/bin/chromium";

/// The steps, in order.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        Step::new("supabase-js", |s| node(s, "tests/clients/js", "supabase-js")),
        Step::new("supabase (Python)", |s| {
            let python = environment(s, "tests/clients/python/requirements.txt", "supabase")?;
            s.run(tested(s, &python)?.arg("tests/clients/python/run.py"))?;
            s.run(tested(s, &python)?.arg("tests/clients/python/auth.py"))
        }),
        Step::new("graphql-http", |s| node(s, "tests/graphql-http", "graphql-http")),
        Step::new("graphql clients", |s| node(s, "tests/graphql-clients", "graphql clients")),
        Step::new("OpenID Connect", |s| node(s, "tests/accounts/oidc", "OpenID Connect")),
        Step::new("openid-client", |s| node(s, "tests/accounts/provider", "openid-client")),
        Step::new("Authlib", |s| {
            let python = environment(s, "tests/accounts/provider/requirements.txt", "authlib")?;
            s.run(tested(s, &python)?.arg("tests/accounts/provider/authlib_client.py"))
        }),
        Step::new("zeep", |s| {
            let python = environment(s, "tests/soap/python/requirements.txt", "zeep")?;
            s.run(tested(s, &python)?.arg("tests/soap/python/run.py"))
        }),
        Step::new("node soap", |s| node(s, "tests/soap/node", "node soap")),
        Step::new("php soap", |s| {
            debian(s, &["php", "--ri", "soap"], "php-cli php-soap")?;
            script(s, &["tests/soap/php/run.py"])
        }),
        Step::new("java soap", |s| {
            debian(s, &["sh", "-c", "javac -version && mvn --version"], "default-jdk-headless maven")?;
            let mut run = tested(s, Path::new("python3"))?;
            s.run(run.arg("tests/soap/java/run.py").env("MAVEN_OUT", s.target().join("tests/soap/java")))
        }),
        Step::new("openapi lint", |s| {
            install(s, "tests/openapi")?;
            script(s, &["tests/openapi/lint.py"])
        }),
        Step::new("schemathesis", |s| {
            let python = environment(s, "tests/openapi/requirements.txt", "schemathesis")?;
            s.run(tested(s, &python)?.args(["tests/openapi/fuzz.py", s.counts()]))
        }),
        Step::new("examples", |s| script(s, &["tests/examples/run.py"])),
        Step::new("kill -9", |s| script(s, &["tests/faults/run.py", s.counts()])),
        Step::new("abuse", |s| script(s, &["tests/abuse/run.py", s.counts()])),
        Step::new("accounts in a browser", |s| {
            browser(s)?;
            // The provider at which a browser signs in.
            install(s, "tests/accounts/oidc")?;
            node(s, "tests/accounts/browser", "accounts in a browser")
        }),
        Step::new("docs page", |s| {
            browser(s)?;
            node(s, "tests/docs-page", "docs page")
        }),
        Step::new("explorer", |s| {
            browser(s)?;
            node(s, "tests/explorer", "explorer")
        }),
    ]
}

/// A command that finds the binary under test, built from what is there now.
fn tested(site: &Site<'_>, program: &Path) -> Result<Command> {
    site.run(cargo().args(["build", "--quiet", "-p", "bistro"]))?;
    let mut command = Command::new(program);
    command.env("BISTRO_BIN", site.binary()).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// Runs a Python script that needs the standard library alone.
fn script(site: &Site<'_>, words: &[&str]) -> Result<()> {
    site.run(tested(site, Path::new("python3"))?.args(words))
}

/// Runs a folder's Node tests.
fn node(site: &Site<'_>, folder: &str, name: &str) -> Result<()> {
    install(site, folder)?;
    let mut command = tested(site, Path::new("npm"))?;
    command
        .args(["test", "--silent"])
        .env("BISTRO_TEST_NAME", name)
        .env("BISTRO_TEST_OUT", site.target().join(folder));
    site.run_in(folder, &mut command)
}

/// Installs a folder's Node packages, unless those of its lock file are there.
fn install(site: &Site<'_>, folder: &str) -> Result<()> {
    let folder_path = site.root.join(folder);
    if is_newer(&folder_path.join("node_modules/.package-lock.json"), &folder_path.join("package-lock.json"))
    {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    site.run_in(folder, &mut npm)
}

/// The Python of a virtual environment that holds the packages of a requirements file.
fn environment(site: &Site<'_>, requirements: &str, name: &str) -> Result<PathBuf> {
    let folder = site.target().join("python").join(name);
    let python = folder.join("bin/python");
    let done = folder.join("installed");
    if is_newer(&done, &site.root.join(requirements)) {
        return Ok(python);
    }
    site.run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
    site.run(&mut pip)?;
    std::fs::write(&done, "").with_context(|| done.display().to_string())?;
    Ok(python)
}

/// Whether `made` is there and not older than what it was made from.
fn is_newer(made: &Path, from: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|m| m.modified()).ok();
    matches!((time(made), time(from)), (Some(made), Some(from)) if made >= from)
}

/// Installs the browser where it is missing.
fn browser(site: &Site<'_>) -> Result<()> {
    if std::env::var_os("BISTRO_TEST_BROWSER").is_some() {
        return Ok(());
    }
    debian(site, &[BROWSER, "--version"], "chromium").context("or let BISTRO_TEST_BROWSER name a browser")
}

/// Installs packages of Debian, unless a command works that is of them.
fn debian(site: &Site<'_>, probe: &[&str], packages: &str) -> Result<()> {
    let mut probed = Command::new(probe[0]);
    probed.args(&probe[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if probed.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let install = format!(
        "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends {packages}"
    );
    site.run(Command::new("sh").args(["-c", &install])).with_context(|| format!("install {packages}"))
}
