//! The documentation: its commands are run, its links followed, and the index of rules is made from the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use manicheck::rule::{Page, Profile};
use manicheck::rules::Registry;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of the book, and the documents at the root.
fn documents() -> Vec<PathBuf> {
    let mut files = markdown(&root().join("docs/src"));
    files.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    files
}

fn markdown(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "md"));
    files.sort();
    files
}

/// A fenced block of code.
struct Block {
    /// Behind the opening fence: `console`, `yaml file=manicheck.yaml`.
    info: String,
    line: usize,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block { info: info.trim().into(), line: number + 1, text: String::new() })
            }
            (None, None) => {}
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => _ = writeln!(block.text, "{line}"),
        }
    }
    blocks
}

#[test]
fn links_lead_to_files() {
    let link = regex::Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    for file in documents() {
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for target in link.captures_iter(line).map(|c| c.get(1).unwrap().as_str()) {
                if target.contains("://") || target.starts_with('#') {
                    continue;
                }
                let path = target.split('#').next().unwrap();
                // The book has the pages of the rules beside its own.
                let base = if path.starts_with("rules/") { root() } else { file.parent().unwrap() };
                assert!(base.join(path).exists(), "{}:{}: no {target}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    for page in markdown(&root().join("docs/src")) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
    }
}

/// `UPDATE_DOCS=1 cargo test --test it docs` writes it.
#[test]
fn every_key_of_the_configuration_is_explained() {
    let page = fs::read_to_string(root().join("docs/src/configuration.md")).unwrap();
    for key in manicheck::config::KEYS {
        assert!(page.contains(&format!("\n| `{key}` | ")), "docs/src/configuration.md has no row for `{key}`");
    }
}

#[test]
fn the_index_of_rules_is_current() {
    let file = root().join("docs/src/rules.md");
    let index = index();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &index).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == index, "docs/src/rules.md is not current: run `UPDATE_DOCS=1 cargo test --test it docs`");
}

fn index() -> String {
    let registry = Registry::builtin();
    let mut categories: BTreeMap<&str, Vec<&Page>> = BTreeMap::new();
    for rule in &registry.rules {
        categories.entry(&rule.page.category).or_default().push(&rule.page);
    }
    let mut text = String::from(
        "# Rules\n\n<!-- Made from rules/*.md: UPDATE_DOCS=1 cargo test --test it docs -->\n\n\
         `manicheck explain RULE` shows the same pages in the terminal.\n\n",
    );
    _ = writeln!(text, "There are {} rules.", registry.rules.len());
    for (category, pages) in categories {
        _ = writeln!(
            text,
            "\n## {category}\n\n| Rule | Severity | From profile | Fix | What it finds |\n|---|---|---|---|---|"
        );
        for page in pages {
            let profile = match (page.always, page.opt_in) {
                (true, _) => "always",
                (_, true) => "opt-in",
                _ => Profile::EVERY.into_iter().find(|p| page.severity_in(*p).is_some()).map_or("", Profile::name),
            };
            let (id, severity, title) = (page.id, page.severity.name(), page.title().replace('|', "\\|"));
            _ = writeln!(text, "| [{id}](rules/{id}.md) | {severity} | {profile} | {} | {title} |", page.fix);
        }
    }
    text
}

/// Each page plays in a directory of its own, which has the example tree as `k8s`. `yaml file=…` is written there; of `console`,
/// lines with `$ ` are run and must print the lines below them, where `...` stands for any lines.
#[cfg(unix)]
#[test]
fn commands_print_what_is_shown() {
    let mut ran = 0;
    for file in documents() {
        let text = fs::read_to_string(&file).unwrap();
        let blocks = blocks(&text);
        if !blocks.iter().any(|b| b.info == "console") {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        copy(&root().join("testdata/shop/k8s"), &dir.path().join("k8s"));
        fs::create_dir(dir.path().join(".git")).unwrap();
        for block in &blocks {
            let place = format!("{}:{}", file.display(), block.line);
            if let Some((_, name)) = block.info.split_once(" file=") {
                fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
                fs::write(dir.path().join(name), &block.text).unwrap();
            }
            if block.info != "console" {
                continue;
            }
            for (command, expected) in commands(&block.text) {
                let printed = shell(&command, dir.path());
                assert!(alike(&expected, &printed), "{place}: $ {command}\nshown:\n{expected}\nprinted:\n{printed}");
                ran += 1;
            }
        }
    }
    assert!(ran > 0);
}

/// Commands of the documents that no test here can run: how they begin, the script that runs them, and the words by which it does.
const ELSEWHERE: [(&str, &str, &str); 10] = [
    ("cargo install manicheck", "tests/edges/cargo.sh", "from_source 'cargo install'"),
    ("cargo binstall manicheck", "tests/edges/cargo.sh", "follow 'cargo binstall'"),
    ("cargo run --release -- testdata/shop/k8s", "tests/edges/cargo.sh", "from_source 'cargo run' README.md"),
    ("pip install manicheck", "tests/edges/packages.sh", "follow 'pip install'"),
    ("pip install manicheck==", "tests/edges/packages.sh", "'/^## GitLab/"),
    ("npm install -g manicheck", "tests/edges/packages.sh", "follow 'npm install'"),
    ("docker run --rm ", "tests/edges/image.sh", "follow 'docker run'"),
    ("cargo test", ".ci/run", "cargo test --locked"),
    ("cargo fmt && cargo clippy", ".ci/run", "cargo fmt --check"),
    ("cargo fmt && cargo clippy --all-targets ", ".ci/run", "cargo clippy --all-targets --locked -- -D warnings"),
];

/// The commands of a block that shows no output: each line is one, or in a job or pipeline what its script runs.
fn commands_of(block: &Block) -> Vec<&str> {
    let lines = block.text.lines().map(str::trim);
    match block.info.as_str() {
        "sh" => lines.collect(),
        // Output of the README, which `example` checks.
        "" if block.text.starts_with("error[") => Vec::new(),
        "" => lines.collect(),
        "groovy" => lines.filter_map(|line| Some(line.split_once("sh '")?.1.split_once('\'')?.0)).collect(),
        "yaml" => {
            let script = lines.skip_while(|line| *line != "script:").skip(1);
            script.map_while(|line| line.strip_prefix("- ")).collect()
        }
        _ => Vec::new(),
    }
}

/// Every block of commands is run: `console` above, the program itself below, and the rest by a script that CI runs.
#[test]
fn every_command_is_run_somewhere() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let workflow = read(".github/workflows/ci.yml");
    let mut used = BTreeSet::new();
    for file in documents() {
        let text = fs::read_to_string(&file).unwrap();
        for block in blocks(&text) {
            let place = format!("{}:{}", file.display(), block.line);
            let kind = block.info.split(' ').next().unwrap();
            assert!(["", "console", "sh", "groovy", "yaml", "text"].contains(&kind), "{place}: a block of `{kind}`");
            for command in commands_of(&block) {
                let known: Vec<_> = ELSEWHERE.into_iter().filter(|(start, ..)| command.starts_with(start)).collect();
                assert!(!known.is_empty() || !own_commands(command).is_empty(), "{place}: nothing runs `{command}`");
                for (start, script, words) in known {
                    assert!(read(script).contains(words), "{place}: {script} does not have `{words}`");
                    assert!(workflow.contains(&format!("run: {script}\n")), "CI does not run {script}");
                    used.insert((start, words));
                }
            }
        }
    }
    assert_eq!(used.len(), ELSEWHERE.len(), "a command is gone: {used:#?}");
}

/// The commands in a line that are the program's own, without what the line says about them.
fn own_commands(line: &str) -> Vec<String> {
    let command = regex::Regex::new(r"(?:^|\| |:  )(manicheck .+?)(?:\s{2,}|\s+#|$)").unwrap();
    command.captures_iter(line).map(|found| found[1].trim().to_string()).collect()
}

/// Commands that stand in other blocks (what to type, a step of a pipeline) are accepted and end with findings or none. `DIR` stands
/// for an overlay; a stream comes from elsewhere.
#[cfg(unix)]
#[test]
fn commands_that_show_nothing_are_run_too() {
    let mut ran = BTreeSet::new();
    for file in documents() {
        let text = fs::read_to_string(&file).unwrap();
        for block in blocks(&text) {
            for line in commands_of(&block) {
                let dir = tempfile::tempdir().unwrap();
                copy(&root().join("testdata/shop/k8s"), &dir.path().join("k8s"));
                if line.contains("origin/main") {
                    shell(
                        "git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm a && \
                         git update-ref refs/remotes/origin/main HEAD",
                        dir.path(),
                    );
                }
                for command in own_commands(line) {
                    let command = command.replace("DIR", "k8s/overlays/prod");
                    let printed = shell(&format!("cat k8s/base/web.yaml | {command}; echo status $?"), dir.path());
                    let status = printed.lines().last().unwrap_or_default();
                    let place = format!("{}:{}", file.display(), block.line);
                    assert!(["status 0", "status 1"].contains(&status), "{place}: $ {command}\n{printed}");
                    ran.insert(command);
                }
            }
        }
    }
    assert!(ran.len() >= 15, "{ran:#?}");
}

/// The workflow and the hook of the page on CI name what there is.
#[test]
fn recipes_name_inputs_and_hooks_that_there_are() {
    let page = fs::read_to_string(root().join("docs/src/ci.md")).unwrap();
    let (action, hooks) = (root().join("action.yml"), root().join(".pre-commit-hooks.yaml"));
    let (action, hooks) = (fs::read_to_string(action).unwrap(), fs::read_to_string(hooks).unwrap());
    let inputs = action.split("\noutputs:").next().unwrap().split("\ninputs:").nth(1).unwrap();
    let names = regex::Regex::new(r"(?m)^  ([a-z-]+):$").unwrap();
    for name in names.captures_iter(inputs).map(|c| c[1].to_string()) {
        assert!(page.contains(&format!("| `{name}` |")), "the input `{name}` is not in the table");
    }
    let uses = page.split("uses: manicheck/manicheck").nth(1).unwrap().split("```").next().unwrap();
    let with = regex::Regex::new(r"(?m)^      ([a-z-]+):").unwrap();
    for name in with.captures_iter(uses).map(|c| c[1].to_string()) {
        assert!(inputs.contains(&format!("\n  {name}:\n")), "the action has no input `{name}`");
    }
    for hook in hooks.lines().filter_map(|l| l.strip_prefix("- id: ")) {
        assert!(page.contains(hook), "the hook `{hook}` is not named");
    }
    let version = env!("CARGO_PKG_VERSION");
    for pinned in ["manicheck/manicheck@v", "rev: v", "manicheck=="] {
        assert!(page.contains(&format!("{pinned}{version}")), "`{pinned}…` names another version than {version}");
    }
}

#[cfg(unix)]
fn commands(text: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push((command.into(), String::new()));
        } else if let Some((_, expected)) = commands.last_mut() {
            _ = writeln!(expected, "{line}");
        }
    }
    commands
}

#[cfg(unix)]
fn shell(command: &str, dir: &Path) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_manicheck")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let script = format!("exec 2>&1\n{command}");
    let output = std::process::Command::new("sh").args(["-c", &script]).current_dir(dir).env("PATH", path).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

/// Whether the text has the shown lines, `...` standing for any number of them.
#[cfg(unix)]
fn alike(shown: &str, printed: &str) -> bool {
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    // The numbers of printed lines up to which the shown ones so far can have come.
    let mut reached = BTreeSet::from([0]);
    for line in shown.lines().map(str::trim_end) {
        reached = if line.trim() == "..." {
            (reached.first().copied().unwrap_or(usize::MAX)..=printed.len()).collect()
        } else {
            reached.into_iter().filter(|at| printed.get(*at) == Some(&line)).map(|at| at + 1).collect()
        };
    }
    reached.contains(&printed.len())
}

#[cfg(unix)]
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
