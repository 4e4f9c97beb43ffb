//! What the program says without running a job: help, errors, settings, lists.
mod support;

use serde_json::json;
use support::World;

#[test]
fn help_shows_groups_examples_and_exit_codes() {
    let said = World::new().run("transform --help");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for part in [
        "Usage: pixloom transform",
        "--ops <OPS>",
        "Run:",
        "--threads",
        "What is printed:",
        "Examples:\n  # ",
        "  pixloom transform ",
        "130  stopped on request",
    ] {
        assert!(said.out.contains(part), "{part} is missing in\n{}", said.out);
    }
}

#[test]
fn a_wrong_flag_names_the_nearest() {
    let said = World::new().run("transform in out --worker 2");
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("unexpected argument '--worker'"), "{}", said.err);
    assert!(said.err.contains("'--workers'"), "{}", said.err);
}

#[test]
fn a_wrong_setting_of_an_operation_is_pointed_at() {
    let world = World::new();
    world.pictures("in", 1);
    let said = world.run("transform in out --ops 'resize:longedge=256'");
    let expected = "error: `resize` has no setting `longedge`; did you mean `long_edge`?\n  \
                    resize:longedge=256\n         ^^^^^^^^\n  see `pixloom ops resize`\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
    assert!(!world.path("out").exists());
}

#[test]
fn wrong_values_name_the_flag() {
    let world = World::new();
    world.pictures("in", 1);
    for (line, expected) in [
        ("--quality 101", "error: `--quality`: 101 is too large, the most is 100\n"),
        ("--quality many", "error: `--quality`: `many` is not a whole number\n"),
        ("--workers many", "error: `--workers`: `many` is neither `auto` nor a number from 1\n"),
        ("--resume=maybe", "error: `--resume`: `maybe` is neither true nor false\n"),
        (
            "--resume --overwrite",
            "error: `--resume`: continues an earlier run, `--overwrite` starts anew; choose one of \
             them\n",
        ),
        (
            "--json --events -",
            "error: `--events`: both `--json` and `--events -` want standard output; give \
             `--events` a file\n",
        ),
    ] {
        let said = world.run(&format!("transform in out --ops 'flip' {line}"));
        let text = if line.contains("--json") {
            format!("error: {}\n", said.json()["error"]["message"].as_str().unwrap())
        } else {
            said.err
        };
        assert_eq!((said.code, text.as_str()), (2, expected));
    }
}

#[test]
fn errors_are_json_where_json_was_asked_for() {
    let world = World::new();
    world.pictures("in", 1);
    let said = world.run("transform in out --ops 'resise' --json");
    assert_eq!((said.code, said.err.as_str()), (2, ""));
    let document = said.json();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["command"], "transform");
    assert_eq!(document["ok"], false);
    assert_eq!(document["error"]["kind"], "pipeline");
    assert!(document["error"]["message"].as_str().unwrap().contains("did you mean `resize`?"));
    let said = world.run("transform --json --worker 3");
    assert_eq!((said.code, said.json()["error"]["kind"].as_str()), (2, Some("usage")));
}

#[test]
fn settings_show_where_they_come_from() {
    let world = World::new().with("PIXLOOM_SEED", "7");
    world.write("pixloom.toml", "workers = 3\n[transform]\nto = \"png\"\n");
    let said = world.run("config show --origin");
    assert_eq!(said.code, 0, "{}", said.err);
    let origin = |name: &str| {
        let line = said.out.lines().find(|line| line.starts_with(name)).unwrap();
        line.split("# ").last().unwrap().to_owned()
    };
    assert_eq!(origin("workers ="), "ROOT/project/pixloom.toml");
    assert_eq!(origin("seed = 7"), "PIXLOOM_SEED");
    assert_eq!(origin("io_workers ="), "default");
    assert!(said.out.contains("\n[transform]\n"), "{}", said.out);
    assert!(said.out.contains("to = \"png\""), "{}", said.out);
}

#[test]
fn settings_are_set_and_reset() {
    let world = World::new();
    let said = world.run("config set transform.quality 90");
    let expected = "transform.quality = 90 in ROOT/user/pixloom.toml\n";
    assert_eq!((said.code, said.out.as_str()), (0, expected));
    let said = world.run("config set --project workers 2");
    assert_eq!(said.out, "workers = \"2\" in ROOT/project/pixloom.toml\n");
    let shown = world.run("config show --json").json();
    let settings = shown["settings"].as_array().unwrap();
    let quality = json!({"job": "transform", "name": "quality", "value": 90, "origin": "file",
        "place": world.run("config show --json").json()["settings"].as_array().unwrap().iter()
            .find(|one| one["name"] == "quality" && one["job"] == "transform").unwrap()["place"]});
    assert!(settings.contains(&quality), "{shown:#}");
    let said = world.run("config reset transform.quality");
    assert_eq!(said.out, "transform.quality removed from ROOT/user/pixloom.toml\n");
    let said = world.run("config set worker 2");
    let expected = "error: `worker`: there is no such setting; did you mean `workers`?\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn unknown_keys_and_variables_are_errors_with_their_place() {
    let world = World::new();
    world.write("pixloom.toml", "# ours\nworkres = 3\n");
    let said = world.run("transform in out --ops 'flip'");
    let expected = "error: `workres`: there is no such setting; did you mean `workers`?\n  \
                    ROOT/project/pixloom.toml:2\n  workres = 3\n  ^^^^^^^\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
    let world = World::new().with("PIXLOOM_TRANSFORM_QUALTY", "3");
    let said = world.run("config show");
    let expected = "error: `PIXLOOM_TRANSFORM_QUALTY`: there is no such setting; did you mean \
                    `PIXLOOM_TRANSFORM_QUALITY`?\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn wrong_values_in_files_name_the_file() {
    let world = World::new();
    world.pictures("in", 1);
    world.write("pixloom.toml", "workers = \"many\"\n");
    let said = world.run("transform in out --ops 'flip'");
    let expected = "error: `workers` in ROOT/project/pixloom.toml: `many` is neither `auto` nor a \
                    number from 1\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn operations_are_listed_and_shown() {
    let world = World::new();
    let list = world.run("ops");
    assert!(list.out.lines().any(|line| line.starts_with("resize ")), "{}", list.out);
    let detail = world.run("ops resize");
    assert!(detail.out.contains("\nSettings:\n"), "{}", detail.out);
    assert!(detail.out.contains("  long_edge  (whole number"), "{}", detail.out);
    assert!(detail.out.contains("--ops 'resize:"), "{}", detail.out);
    let schema = world.run("ops resize --json").json();
    assert!(schema["op"]["schema"]["properties"]["long_edge"].is_object(), "{schema:#}");
    let said = world.run("ops resise");
    let expected = "error: there is no operation `resise`; did you mean `resize`?\n  \
                    `pixloom ops` lists them\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}

#[test]
fn the_machine_is_shown_with_reasons() {
    let world = World::new().with("PIXLOOM_WORKERS", "3");
    let said = world.run("system --json").json();
    assert_eq!(said["tuning"]["workers"], 3);
    assert!(said["machine"]["memory_total"].as_u64().unwrap() > 0);
    let text = world.run("system").out;
    assert!(text.contains("3 workers: as requested"), "{text}");
    let formats = said["formats"].as_array().unwrap();
    let format = |name: &str| formats.iter().find(|format| format["name"] == name).unwrap();
    assert_eq!((&format("png")["reads"], &format("png")["writes"]), (&true.into(), &true.into()));
    assert_eq!(format("avif")["reads"], format("avif")["read_feature"].is_null());
    assert!(text.contains("reads     jpeg, png"), "{text}");
}

#[test]
fn completions_and_manual_pages_know_the_jobs() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = world.run(&format!("completions {shell}"));
        assert_eq!(said.code, 0);
        assert!(said.out.contains("transform") && said.out.contains("max-memory"), "{shell}");
    }
    assert!(world.run("man").out.contains(".TH pixloom 1"));
    let said = world.run("man pages");
    assert_eq!(said.code, 0, "{}", said.err);
    let page = std::fs::read_to_string(world.path("pages/pixloom-transform.1")).unwrap();
    assert!(page.contains("max\\-memory"), "{page}");
}

#[test]
fn schemas_are_whole() {
    let world = World::new();
    for file in ["recipe", "config"] {
        let schema = world.run(&format!("schema {file}")).json();
        assert!(!schema.to_string().contains("$ref"), "{file}");
    }
    let recipe = world.run("schema recipe").json();
    let steps = recipe["properties"]["ops"]["anyOf"][1]["items"]["anyOf"].as_array().unwrap();
    let is_resize = |step: &serde_json::Value| step["properties"]["op"]["const"] == "resize";
    assert!(steps.iter().any(is_resize), "{recipe:#}");
}

#[test]
fn nothing_to_list_is_said() {
    let world = World::new();
    assert_eq!(world.run("runs").out, "no runs yet\n");
    let said = world.run("runs show 2025");
    let expected = "error: there is no run `2025`\n  `pixloom runs` lists them\n";
    assert_eq!((said.code, said.err.as_str()), (2, expected));
}
