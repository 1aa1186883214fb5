//! `auditor plugins show TYPE`: all that a plugin declares of itself.

use std::{collections::BTreeSet, io::Write as _};

use auditor_core::{
    config::{InstanceSettings, SourceSettings},
    model::Kind,
    registry::{self, AnalyzerPlugin, SinkPlugin, SourcePlugin},
};
use clap::Args;
use serde_json::{Value, json};

use super::example::example;
use crate::{
    commands::{
        ReportFormat,
        schema::{Key, keys, schema_of},
    },
    exit::Exit,
    failure::Failure,
    output::{self, Table, count},
};

/// Describe a source, sink or analyzer type: settings, kinds, permissions, an example to start from
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The type, as `auditor plugins` lists it
    #[arg(value_name = "TYPE")]
    name: String,

    /// How it is written
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

/// What a plugin declares.
struct Plugin {
    sort: &'static str,
    name: &'static str,
    summary: &'static str,
    kinds: &'static [&'static Kind],
    requests_per_second: Option<f64>,
    schema: Value,
    /// Keys that every instance of the sort has.
    common: Value,
}

pub(super) fn execute(args: &ShowArgs) -> Result<Exit, Failure> {
    let found: Vec<_> = all().into_iter().filter(|plugin| plugin.name == args.name).collect();
    if found.is_empty() {
        return Err(unknown(&args.name));
    }
    let mut out = output::stdout();
    match args.format {
        ReportFormat::Text => {
            let texts: Vec<_> = found.iter().map(Plugin::text).collect();
            out.write_all(texts.join("\n").as_bytes())?;
        }
        ReportFormat::Json => {
            // A source and a sink may be called alike, so it is always a list.
            let all: Vec<_> = found.iter().map(Plugin::json).collect();
            serde_json::to_writer_pretty(&mut out, &all)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(Exit::Complete)
}

fn unknown(name: &str) -> Failure {
    if let Some(absent) = registry::absent().into_iter().find(|absent| absent.name == name) {
        return Failure::usage(format!("the {} type `{name}` is not in this program", absent.sort))
            .with_hint(absent.why);
    }
    Failure::unknown("plugin", name, all().iter().map(|plugin| plugin.name).collect::<Vec<_>>().into_iter())
}

fn all() -> Vec<Plugin> {
    let source = |plugin: &'static SourcePlugin| Plugin {
        sort: "source",
        name: plugin.name,
        summary: plugin.summary,
        kinds: plugin.kinds,
        requests_per_second: plugin.requests_per_second,
        schema: (plugin.schema)().to_value(),
        common: schema_of::<SourceSettings>(),
    };
    let sink = |plugin: &'static SinkPlugin| Plugin {
        sort: "sink",
        name: plugin.name,
        summary: plugin.summary,
        kinds: &[],
        requests_per_second: None,
        schema: (plugin.schema)().to_value(),
        common: schema_of::<InstanceSettings>(),
    };
    let analyzer = |plugin: &'static AnalyzerPlugin| Plugin {
        sort: "analyzer",
        name: plugin.name,
        summary: plugin.summary,
        kinds: plugin.kinds,
        requests_per_second: None,
        schema: (plugin.schema)().to_value(),
        common: schema_of::<InstanceSettings>(),
    };
    let sources = registry::sources().into_iter().map(source);
    let others = registry::sinks().into_iter().map(sink);
    sources.chain(others).chain(registry::analyzers().into_iter().map(analyzer)).collect()
}

impl Plugin {
    /// What complete listings of all its kinds need.
    fn permissions(&self) -> BTreeSet<&'static str> {
        self.kinds.iter().flat_map(|kind| kind.permissions.iter().copied()).collect()
    }

    fn text(&self) -> String {
        let mut text = format!("{} {}: {}\n", self.sort, self.name, self.summary);
        if let Some(limit) = self.requests_per_second {
            text.push_str(&format!(
                "Its service takes {limit} calls per second, which is kept unless set otherwise.\n"
            ));
        }
        if !self.kinds.is_empty() {
            let number = count(self.kinds.len() as u64, "kind", "kinds");
            text.push_str(&format!("\n{number} (`auditor kinds KIND` tells the columns)\n"));
            let mut table = Table::new(["kind", "summary", "permissions"]).indent(2);
            for kind in self.kinds {
                let permissions = kind.permissions.join(", ");
                table.row([kind.name.to_owned(), kind.summary.to_owned(), permissions]);
            }
            text.push_str(&table.render(Some(output::terminal_width().unwrap_or(110))));
        }
        let own = keys(&self.schema);
        text.push_str(if own.is_empty() { "\nNo settings of its own\n" } else { "\nSettings\n" });
        text.push_str(&table_of(&own));
        text.push_str(&format!("\nSettings of every {}\n", self.sort));
        text.push_str(&table_of(&keys(&self.common)));
        text.push_str("\nExample: lines that begin with `#` may stay away\n");
        for line in example(self.sort, self.name, &self.schema).lines() {
            text.push_str(&format!("  {line}\n"));
        }
        text
    }

    fn json(&self) -> Value {
        let kinds: Vec<_> = self
            .kinds
            .iter()
            .map(
                |kind| json!({ "name": kind.name, "summary": kind.summary, "permissions": kind.permissions }),
            )
            .collect();
        json!({
            "sort": self.sort,
            "name": self.name,
            "summary": self.summary,
            "kinds": kinds,
            "permissions": self.permissions(),
            "requests_per_second": self.requests_per_second,
            "settings": keys(&self.schema),
            "common_settings": keys(&self.common),
            "example": example(self.sort, self.name, &self.schema),
        })
    }
}

fn table_of(keys: &[Key]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let mut table = Table::new(["key", "type", "default", "meaning"]).indent(2);
    for key in keys {
        let default = match &key.default {
            Some(default) => default.to_string(),
            None if key.required => "required".to_owned(),
            None => "-".to_owned(),
        };
        table.row([key.name.clone(), key.ty.replace('`', ""), default, key.description.clone()]);
    }
    table.render(Some(output::terminal_width().unwrap_or(110)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_is_described_from_its_own_declarations() {
        for plugin in all() {
            let text = plugin.text();
            for kind in plugin.kinds {
                assert!(text.contains(kind.name), "{}: {}", plugin.name, kind.name);
            }
            for key in keys(&plugin.schema) {
                assert!(!key.description.is_empty(), "{}: `{}` is not documented", plugin.name, key.name);
                assert!(!key.ty.is_empty(), "{}: {}", plugin.name, key.name);
            }
            let whole = plugin.json();
            assert_eq!(whole["kinds"].as_array().unwrap().len(), plugin.kinds.len());
        }
    }
}
