//! Tests of the layers, with jobs, folders and variables of their own.
use std::fs;

use pixloom_engine::files::write_atomic;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::job::{Example, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Settings of a job.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Paint {
    /// How well.
    #[schemars(range(min = 1, max = 100))]
    quality: Option<u8>,
}

/// Settings of another job.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Draw {
    /// With what.
    tool: String,
}

/// Shared settings.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Shared {
    /// How many.
    #[schemars(extend("x-alias" = ["threads"]))]
    workers: u32,
    /// Which.
    glob: Vec<String>,
}

impl Params for Paint {}
impl Params for Draw {}
impl Params for Shared {}

impl Job for Paint {
    const NAME: &'static str = "paint";
    const EXAMPLES: &'static [Example] = &[];
    const GROUPS: &'static [Group] = &[Group::of::<Shared>("Shared")];
    fn run(_: &Settings, _: &JobCx) -> Result<Report, JobError> {
        Err(JobError::refused("is never run", Vec::new()))
    }
}

impl Job for Draw {
    const NAME: &'static str = "art draw";
    const EXAMPLES: &'static [Example] = &[];
    const GROUPS: &'static [Group] = &[Group::of::<Shared>("Shared")];
    fn run(_: &Settings, _: &JobCx) -> Result<Report, JobError> {
        Err(JobError::refused("is never run", Vec::new()))
    }
}

static TEST_JOBS: &[JobEntry] = &[JobEntry::of::<Paint>(), JobEntry::of::<Draw>()];

/// A user's folder and a project with a folder inside.
struct World {
    folder: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

impl World {
    fn new(user: &str, project: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("project/inside")).unwrap();
        for (name, text) in [("user", user), ("project", project)] {
            if !text.is_empty() {
                write_atomic(&root.join(name).join("pixloom.toml"), text.as_bytes()).unwrap();
            }
        }
        let config = root.join("user").display().to_string();
        let env = BTreeMap::from([("PIXLOOM_CONFIG_DIR".to_owned(), config)]);
        Self { folder, env }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn load(&self) -> Result<Layers, SettingsError> {
        let cwd = self.folder.path().join("project/inside");
        Layers::load_for(&known(), &cwd, &self.env)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name).join("pixloom.toml")
    }
}

fn known() -> Known {
    Known::new(TEST_JOBS, &[])
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn later_places_win() {
    let user = "workers = 1\nglob = \"u\"\n[paint]\nquality = 10\n";
    let world = World::new(user, "workers = 2\n").with("PIXLOOM_THREADS", "3");
    let resolved = world.load().unwrap().resolve(&TEST_JOBS[0], map(json!({"quality": 99})));
    assert_eq!(Value::Object(resolved.values), json!({"workers": 3, "glob": ["u"], "quality": 99}));
    assert_eq!(resolved.origins["workers"], Origin::Env("PIXLOOM_THREADS".to_owned()));
    assert_eq!(resolved.origins["glob"], Origin::File(world.file("user")));
    assert_eq!(resolved.origins["quality"], Origin::Flag);
}

#[test]
fn the_project_beats_the_user_and_a_job_beats_all_jobs() {
    let world = World::new(
        "[paint]\nworkers = 1\n",
        "[paint]\nworkers = 5\n\n[art.draw]\ntool = \"pen\"\n",
    );
    let layers = world.load().unwrap();
    let paint = layers.resolve(&TEST_JOBS[0], Map::new());
    assert_eq!(paint.values["workers"], 5);
    assert_eq!(paint.origins["workers"], Origin::File(world.file("project")));
    let draw = layers.resolve(&TEST_JOBS[1], Map::new());
    assert_eq!(Value::Object(draw.values), json!({"tool": "pen"}));
    assert_eq!(draw.origins["workers"], Origin::Default);
}

#[test]
fn variables_of_one_job() {
    let world =
        World::new("", "").with("PIXLOOM_ART_DRAW_TOOL", "chalk").with("PIXLOOM_GLOB", "a,*.{b,c}");
    let world = world.with("PIXLOOM_WORKERS", "");
    let resolved = world.load().unwrap().resolve(&TEST_JOBS[1], Map::new());
    assert_eq!(Value::Object(resolved.values), json!({"glob": ["a", "*.{b,c}"], "tool": "chalk"}));
}

#[test]
fn mistakes_in_files_name_line_key_and_the_nearest() {
    for (project, line, message, picture) in [
        (
            "# mine\nworkres = 4\n",
            2,
            "`workres`: there is no such setting; did you mean `workers`?",
            "workres = 4\n^^^^^^^",
        ),
        (
            "[paint]\nquality = 101\n",
            2,
            "`quality`: 101 is too large, the most is 100",
            "quality = 101\n          ^^^",
        ),
        (
            "quality = 7\n",
            1,
            "`quality`: is a setting of `paint` only; it goes under `[paint]`",
            "quality = 7\n^^^^^^^",
        ),
        (
            "[pain]\nquality = 7\n",
            1,
            "`pain`: there is no job of this name; did you mean `paint`?",
            "[pain]\n ^^^^",
        ),
        (
            "[paint]\nworkers = \"x\"\n",
            2,
            "`workers`: \"x\" is not a whole number",
            "workers = \"x\"\n          ^^^",
        ),
    ] {
        let world = World::new("", project);
        let error = world.load().unwrap_err();
        assert_eq!(error.to_string(), message);
        let SettingsError::Wrong { place: Some(place), .. } = error else { panic!("{error:?}") };
        assert_eq!((place.line, place.picture().as_str()), (line, picture));
        assert_eq!(place.path, world.file("project"));
    }
}

#[test]
fn text_that_is_no_toml_is_shown() {
    let error = World::new("", "workers = \n").load().unwrap_err();
    let SettingsError::Syntax { place, .. } = error else { panic!("{error:?}") };
    assert_eq!((place.line, place.text.as_str()), (1, "workers = "));
}

#[test]
fn mistakes_in_variables_name_them() {
    for (name, value, message) in [
        (
            "PIXLOOM_WORKRES",
            "4",
            "`PIXLOOM_WORKRES`: there is no such setting; did you mean `PIXLOOM_WORKERS`?",
        ),
        ("PIXLOOM_PAINT_QUALITY", "0", "`PIXLOOM_PAINT_QUALITY`: 0 is too small, the least is 1"),
    ] {
        let error = World::new("", "").with(name, value).load().unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    assert!(World::new("", "").with("PIXLOOM_SHARED", "x").load().is_ok());
}

#[test]
fn setting_and_resetting_keep_comments() {
    let world = World::new("# about\nworkers = 1 # few\n", "");
    let path = world.file("user");
    set(&path, &known(), "threads", "8").unwrap();
    set(&path, &known(), "art.draw.tool", "pen").unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "# about\nworkers = 8 # few\n\n[art.draw]\ntool = \"pen\"\n");
    assert_eq!(reset(&path, Some("workers")).unwrap(), 1);
    let error = reset(&path, Some("art.draw.tol")).unwrap_err();
    assert!(error.to_string().ends_with("did you mean `art.draw.tool`?"), "{error}");
    assert_eq!(reset(&path, None).unwrap(), 1);
    assert!(!path.exists() && path.with_extension("toml.bak").exists());
}

#[test]
fn wrong_values_are_not_written() {
    let world = World::new("", "");
    for (key, value) in [("paint.quality", "101"), ("workres", "1"), ("pain.quality", "1")] {
        assert!(set(&world.file("user"), &known(), key, value).is_err(), "{key}");
    }
    assert!(!world.file("user").exists());
}

#[test]
fn lists_show_every_setting_with_its_origin() {
    let world = World::new("workers = 3\n[paint]\nglob = [\"x\"]\n", "");
    let layers = world.load().unwrap();
    let shared = layers.shared(&known());
    let names: Vec<&str> = shared.iter().map(|shown| shown.name.as_str()).collect();
    assert_eq!(names, ["workers", "glob"]);
    assert_eq!(shared[1].origin, Origin::Default);
    let paint = layers.of_job(&TEST_JOBS[0]);
    let names: Vec<&str> = paint.iter().map(|shown| shown.name.as_str()).collect();
    assert_eq!(names, ["quality", "glob"]);
}

#[test]
fn the_schema_of_the_file_has_a_table_for_each_job() {
    let schema = known().json_schema();
    assert_eq!(schema["properties"]["workers"]["type"], "integer");
    let tool = &schema["properties"]["art"]["properties"]["draw"]["properties"]["tool"];
    assert_eq!(tool["type"], "string");
}
