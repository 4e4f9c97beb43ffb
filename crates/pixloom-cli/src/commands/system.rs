//! `pixloom system`: the machine, and what is chosen from it.
use clap::Command;
use pixloom::engine::{Machine, Requested, Tuning};
use pixloom::image::codec::{CODECS, Support};
use pixloom::job::Group;
use pixloom::params::{fields_of, from_json};
use pixloom::run::RunSettings;
use pixloom::settings::Dirs;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::errors::Problem;

pub(super) fn command() -> Command {
    Command::new("system")
        .about("Show the machine, and the settings chosen from it and why")
        .after_help(
            "Examples:\n  # For people\n  pixloom system\n  # For programs\n  pixloom system --json",
        )
}

pub(super) fn run(cx: &Context) -> Result<u8, Problem> {
    let machine = Machine::detect();
    let tuning = Tuning::choose(&machine, &requested(cx)?);
    let dirs = cx.dirs();
    let fields = json!({
        "machine": machine,
        "usable_cores": machine.usable_cores(),
        "tuning": tuning,
        "folders": {"config": dirs.config, "state": dirs.state, "cache": dirs.cache},
        "formats": formats(),
    });
    Ok(cx.answer("system", fields, &text(&machine, &tuning, &dirs)))
}

/// The formats that are built in or that a feature would add.
fn formats() -> Vec<Value> {
    let formats = CODECS.iter().filter_map(|codec| {
        let (info, support) = (codec.info(), codec.support());
        let known = support.reads || support.read_feature.is_some();
        known.then(|| {
            json!({
                "name": info.name,
                "extensions": info.extensions,
                "reads": support.reads,
                "writes": support.writes,
                "read_feature": support.read_feature,
                "write_feature": support.write_feature,
            })
        })
    });
    formats.collect()
}

/// For people: what is read, what is written, and which features would add to that.
fn format_lines() -> [(&'static str, String); 3] {
    let names = |wanted: fn(&Support) -> bool| -> String {
        let codecs = CODECS.iter().filter(|codec| wanted(&codec.support()));
        codecs.map(|codec| codec.info().name).collect::<Vec<_>>().join(", ")
    };
    let mut more: Vec<String> = Vec::new();
    for codec in CODECS {
        let (name, support) = (codec.info().name, codec.support());
        let sides = [("read", support.read_feature), ("write", support.write_feature)];
        for (what, feature) in sides {
            // A format that is written already can only gain its lossy kind.
            let lossy = if what == "write" && support.writes { " lossy" } else { "" };
            more.extend(feature.map(|feature| format!("{what} {name}{lossy}: {feature}")));
        }
    }
    let more = if more.is_empty() { "nothing is left out".to_owned() } else { more.join(", ") };
    [
        ("reads", names(|support| support.reads)),
        ("writes", names(|support| support.writes)),
        ("features", more),
    ]
}

/// What files and environment ask for.
fn requested(cx: &Context) -> Result<Requested, Problem> {
    let groups = [Group::of::<RunSettings>("Run")];
    let resolved = cx.layers()?.resolve_groups(&groups, Map::new());
    let run: RunSettings = from_json(resolved.values.clone())
        .map_err(|error| Problem::of_param(&error, &fields_of::<RunSettings>(), &resolved))?;
    Ok(Requested {
        workers: run.fixed_workers(),
        io_workers: run.fixed_io_workers(),
        memory: run.max_memory.fixed(),
    })
}

fn text(machine: &Machine, tuning: &Tuning, dirs: &Dirs) -> String {
    let mut lines = vec![
        ("class", machine.class.as_str().to_owned()),
        ("cores", cores(machine)),
        ("memory", memory(machine)),
        (
            "graphics",
            if machine.gpus.is_empty() { "none".to_owned() } else { machine.gpus.join(", ") },
        ),
    ];
    lines.push(("workers", tuning.workers_reason.clone()));
    lines.push(("writers", tuning.io_workers_reason.clone()));
    lines.push(("budget", tuning.memory_reason.clone()));
    for (name, folder) in
        [("settings", &dirs.config), ("state", &dirs.state), ("cache", &dirs.cache)]
    {
        let folder = folder.as_ref().map(|folder| folder.display().to_string());
        lines.push((name, folder.unwrap_or_else(|| "no home folder".to_owned())));
    }
    lines.extend(format_lines());
    let version = format!("{} ({})", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    lines.insert(0, ("pixloom", version));
    let line = |(name, value): &(&str, String)| format!("{name:10}{value}\n");
    lines.iter().map(line).collect()
}

fn cores(machine: &Machine) -> String {
    let usable = machine.usable_cores();
    let mut limits = vec![format!("{} online", machine.online_cores)];
    if machine.affinity_cores != machine.online_cores {
        limits.push(format!("{} allowed by affinity", machine.affinity_cores));
    }
    limits.extend(machine.quota_cores.map(|quota| format!("{quota:.1} allowed by the container")));
    format!("{usable} usable ({})", limits.join(", "))
}

fn memory(machine: &Machine) -> String {
    let limit = machine.memory_limit.map(|limit| format!(", {limit} allowed by the container"));
    let limit = limit.unwrap_or_default();
    format!("{} free of {}{limit}", machine.memory_available, machine.memory_total)
}
