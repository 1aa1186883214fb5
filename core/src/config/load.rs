//! From file and environment to checked instances.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Format as _, Toml},
};
use schemars::SchemaGenerator;
use serde_json::{Map, Value};

use super::{
    AccountsSettings, ConfigError, InstanceSettings, LocatedProblem, PluginTable, Problem, RunSettings,
    SourceSettings, check_schema, schema::did_you_mean,
};
use crate::{
    analyzer::Analyzer,
    model::{Kind, common::MANUAL},
    registry::{self, AnalyzerPlugin, Build, Instance, SinkPlugin, SourcePlugin},
    sink::Sink,
    source::Source,
};

/// A checked configuration.
#[derive(Clone)]
pub struct Config {
    /// The file it came from.
    pub file: PathBuf,
    /// `[run]`.
    pub run: RunSettings,
    /// `[accounts]`.
    pub accounts: AccountsSettings,
    /// `[sources.*]`, by name, disabled ones too.
    pub sources: Vec<SourceInstance>,
    /// `[sinks.*]`, by name, disabled ones too.
    pub sinks: Vec<SinkInstance>,
    /// `[analyzers.*]`, by name, disabled ones too.
    pub analyzers: Vec<AnalyzerInstance>,
    lines: BTreeMap<String, usize>,
    variables: BTreeMap<String, String>,
}

/// One table of a plugin: `P` is the plugin, `S` the core's own keys.
#[derive(Clone)]
pub struct PluginInstance<P: 'static, S> {
    /// The operator's name for it, and the directory its paths start at.
    pub instance: Instance,
    /// Its plugin.
    pub plugin: &'static P,
    /// The core's own keys.
    pub settings: S,
    table: PluginTable,
}

/// Instances, each with what it became.
pub type Built<'a, P, S, T> = Vec<(&'a PluginInstance<P, S>, Box<T>)>;

/// One `[sources.NAME]`.
pub type SourceInstance = PluginInstance<SourcePlugin, SourceSettings>;
/// One `[sinks.NAME]`.
pub type SinkInstance = PluginInstance<SinkPlugin, InstanceSettings>;
/// One `[analyzers.NAME]`.
pub type AnalyzerInstance = PluginInstance<AnalyzerPlugin, InstanceSettings>;

impl Config {
    /// Reads and checks a file, overridden by the process's environment.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "there is no such file; `auditor init` writes a starter".to_owned()
                }
                std::io::ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            whole_file(file, message)
        })?;
        Self::parse(file, &text, &environment())
    }

    /// Checks a file's text with the given `AUDITOR_…__…` variables. Relative paths start at the file's directory.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(file: &Path, text: &str, variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let document = toml_edit::Document::parse(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            let mut problem = whole_file(file, format!("is not valid TOML: {}", error.message()));
            problem.problems[0].line = line;
            problem
        })?;
        let mut lines = BTreeMap::new();
        index_lines(document.as_item(), text, "", &mut lines);
        let (env, sources_of_keys) = environment_provider(variables);
        let values: Map<String, Value> = Figment::from(Toml::string(text))
            .merge(env)
            .extract()
            .map_err(|error| whole_file(file, format!("cannot be read: {error}")))?;

        let mut loader = Loader { file, problems: Vec::new() };
        let mut config = Self {
            file: file.to_owned(),
            run: RunSettings::default(),
            accounts: AccountsSettings::default(),
            sources: Vec::new(),
            sinks: Vec::new(),
            analyzers: Vec::new(),
            lines,
            variables: sources_of_keys,
        };
        loader.load(values, &mut config);
        config.result(loader.problems).map(|()| config)
    }

    /// Sources that runs use.
    pub fn enabled_sources(&self) -> impl Iterator<Item = &SourceInstance> {
        self.sources.iter().filter(|source| source.settings.enabled)
    }

    /// Sinks that runs use.
    pub fn enabled_sinks(&self) -> impl Iterator<Item = &SinkInstance> {
        self.sinks.iter().filter(|sink| sink.settings.enabled)
    }

    /// Makes the given sources. Cheap: no network.
    ///
    /// # Errors
    /// What cannot be seen before, such as missing secrets, for all of them at once.
    pub fn build_sources<'a>(
        &self,
        sources: impl Iterator<Item = &'a SourceInstance>,
    ) -> Result<Built<'a, SourcePlugin, SourceSettings, dyn Source>, ConfigError> {
        self.build("sources", sources, |plugin| plugin.build)
    }

    /// Makes the enabled sinks. Cheap: no network.
    ///
    /// # Errors
    /// What cannot be seen before, such as missing secrets, for all of them at once.
    pub fn build_sinks(&self) -> Result<Built<'_, SinkPlugin, InstanceSettings, dyn Sink>, ConfigError> {
        self.build("sinks", self.enabled_sinks(), |plugin| plugin.build)
    }

    /// Makes the enabled analyzers.
    ///
    /// # Errors
    /// What cannot be seen before, such as missing files, for all of them at once.
    pub fn build_analyzers(
        &self,
    ) -> Result<Built<'_, AnalyzerPlugin, InstanceSettings, dyn Analyzer>, ConfigError> {
        let enabled = self.analyzers.iter().filter(|analyzer| analyzer.settings.enabled);
        self.build("analyzers", enabled, |plugin| plugin.build)
    }

    fn build<'a, P, S, T: ?Sized>(
        &self,
        group: &str,
        instances: impl Iterator<Item = &'a PluginInstance<P, S>>,
        of: impl Fn(&P) -> Build<T>,
    ) -> Result<Built<'a, P, S, T>, ConfigError> {
        let mut problems = Vec::new();
        let mut built = Vec::new();
        for one in instances {
            match of(one.plugin)(&one.table, &one.instance) {
                Ok(made) => built.push((one, made)),
                Err(found) => {
                    let prefix = format!("{group}.{}", one.instance.name);
                    problems.extend(found.into_iter().map(|problem| problem.under(&prefix)));
                }
            }
        }
        self.result(problems).map(|()| built)
    }

    /// Turns problems with full keys into an error that knows where each was written.
    ///
    /// # Errors
    /// If there are any.
    pub fn result(&self, problems: Vec<Problem>) -> Result<(), ConfigError> {
        if problems.is_empty() {
            return Ok(());
        }
        let mut located: Vec<_> = problems.into_iter().map(|problem| self.locate(problem)).collect();
        located.sort_by(|a, b| (a.line.is_none(), a.line, &a.key).cmp(&(b.line.is_none(), b.line, &b.key)));
        located.dedup();
        Err(ConfigError { file: self.file.clone(), problems: located })
    }

    fn locate(&self, problem: Problem) -> LocatedProblem {
        let variable = self.variables.get(&problem.key).cloned();
        let mut line = None;
        let mut key = problem.key.as_str();
        while variable.is_none() {
            line = self.lines.get(key).copied();
            if line.is_some() {
                break;
            }
            // A missing key is shown at the table it is missing from.
            match key.rfind(['.', '[']) {
                Some(cut) => key = key.get(..cut).unwrap_or_default(),
                None => break,
            }
        }
        LocatedProblem { key: problem.key, message: problem.message, line, variable }
    }
}

impl<P, S> PluginInstance<P, S> {
    /// The plugin's own settings.
    pub fn table(&self) -> &PluginTable {
        &self.table
    }
}

struct Loader<'a> {
    file: &'a Path,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    fn load(&mut self, values: Map<String, Value>, config: &mut Config) {
        // Those that turn out to be wrong, too: each error is told once.
        let sources = values.get("sources").and_then(Value::as_object);
        let sources: Vec<_> = sources.into_iter().flat_map(Map::keys).cloned().collect();
        for (key, value) in values {
            match key.as_str() {
                "run" => {
                    let table = self.table(value, "run");
                    match PluginTable(table).parse() {
                        Ok(run) => config.run = run,
                        Err(found) => self.problems.extend(found.into_iter().map(|p| p.under("run"))),
                    }
                }
                "accounts" => {
                    let table = self.table(value, "accounts");
                    match PluginTable(table).parse() {
                        Ok(accounts) => config.accounts = accounts,
                        Err(found) => self.problems.extend(found.into_iter().map(|p| p.under("accounts"))),
                    }
                }
                "sources" => {
                    for (name, value) in self.table(value, "sources") {
                        config.sources.extend(self.source(name, value));
                    }
                }
                "sinks" => {
                    for (name, value) in self.table(value, "sinks") {
                        config.sinks.extend(self.sink(name, value));
                    }
                }
                "analyzers" => {
                    for (name, value) in self.table(value, "analyzers") {
                        config.analyzers.extend(self.analyzer(name, value, &sources));
                    }
                }
                unknown => {
                    let known = ["run", "accounts", "sources", "sinks", "analyzers"];
                    let near = did_you_mean(unknown, known.into_iter());
                    self.problems.push(Problem::new(unknown, format!("unknown key{near}")));
                }
            }
        }
        self.precedence(config, &sources);
    }

    /// Names in `accounts.precedence` that are nothing here.
    fn precedence(&mut self, config: &Config, sources: &[String]) {
        let plugins = registry::sources();
        let instances = sources.iter().map(String::as_str);
        let types = plugins.iter().map(|plugin| plugin.name);
        let known = instances.chain(types).chain([MANUAL]);
        let names = config.accounts.precedence.as_deref().unwrap_or_default();
        for (i, name) in names.iter().enumerate() {
            let key = || format!("accounts.precedence[{i}]");
            if !known.clone().any(|known| known == name) {
                let near = did_you_mean(name, known.clone());
                let text =
                    format!("`{name}` is no source of this file, no source type and not `{MANUAL}`{near}");
                self.problems.push(Problem::new(key(), text));
            } else if names.iter().take(i).any(|earlier| earlier == name) {
                self.problems.push(Problem::new(key(), format!("`{name}` is listed twice")));
            }
        }
    }

    fn source(&mut self, name: String, value: Value) -> Option<SourceInstance> {
        let prefix = format!("sources.{name}");
        if name == MANUAL {
            let text =
                "this name is kept for what `auditor accounts set` stores: choose another, it is yours";
            self.problems.push(Problem::new(&prefix, text));
        }
        let mut table = self.table(value, &prefix);
        let own = take(&mut table, &SourceSettings::KEYS);
        let mut settings: SourceSettings = self.settings(own, &prefix)?;
        let plugins = registry::sources();
        let wanted = settings.plugin.as_deref().unwrap_or(&name);
        let Some(plugin) = plugins.iter().copied().find(|plugin| plugin.name == wanted) else {
            self.unknown_plugin(&prefix, "source", wanted, plugins.iter().map(|plugin| plugin.name));
            return None;
        };
        settings.requests_per_second = settings.requests_per_second.or(plugin.requests_per_second);
        for kind in settings.kinds.iter().flatten() {
            if !plugin.kinds.iter().any(|known| known.name == kind) {
                let near = did_you_mean(kind, plugin.kinds.iter().map(|known: &&Kind| known.name));
                self.problems.push(Problem::new(
                    format!("{prefix}.kinds"),
                    format!("`{kind}` is no kind of `{}`{near}", plugin.name),
                ));
            }
        }
        let table = PluginTable(table);
        let found = with_own_keys((plugin.validate)(&table), &SourceSettings::KEYS);
        self.problems.extend(found.into_iter().map(|problem| problem.under(&prefix)));
        Some(SourceInstance { instance: self.instance(name), plugin, settings, table })
    }

    fn sink(&mut self, name: String, value: Value) -> Option<SinkInstance> {
        self.other("sink", name, value, &registry::sinks(), |plugin| (plugin.name, plugin.validate))
    }

    /// Analyzers' records are kept under their names as sources' are.
    fn analyzer(&mut self, name: String, value: Value, sources: &[String]) -> Option<AnalyzerInstance> {
        if sources.contains(&name) || name == MANUAL {
            let text = "a source has this name: choose another, it is yours";
            self.problems.push(Problem::new(format!("analyzers.{name}"), text));
        }
        self.other("analyzer", name, value, &registry::analyzers(), |plugin| (plugin.name, plugin.validate))
    }

    /// A table of a sink or an analyzer.
    fn other<P>(
        &mut self,
        sort: &str,
        name: String,
        value: Value,
        plugins: &[&'static P],
        of: impl Fn(&P) -> (&'static str, fn(&PluginTable) -> Vec<Problem>),
    ) -> Option<PluginInstance<P, InstanceSettings>> {
        let prefix = format!("{sort}s.{name}");
        let mut table = self.table(value, &prefix);
        let own = take(&mut table, &InstanceSettings::KEYS);
        let settings: InstanceSettings = self.settings(own, &prefix)?;
        let wanted = settings.plugin.as_deref().unwrap_or(&name);
        let Some(plugin) = plugins.iter().copied().find(|plugin| of(plugin).0 == wanted) else {
            self.unknown_plugin(&prefix, sort, wanted, plugins.iter().map(|plugin| of(plugin).0));
            return None;
        };
        let table = PluginTable(table);
        let found = with_own_keys(of(plugin).1(&table), &InstanceSettings::KEYS);
        self.problems.extend(found.into_iter().map(|problem| problem.under(&prefix)));
        Some(PluginInstance { instance: self.instance(name), plugin, settings, table })
    }

    fn settings<S: serde::de::DeserializeOwned + schemars::JsonSchema>(
        &mut self,
        own: Map<String, Value>,
        prefix: &str,
    ) -> Option<S> {
        let value = Value::Object(own);
        let problems = check_schema(&value, &SchemaGenerator::default().into_root_schema_for::<S>());
        let failed = !problems.is_empty();
        self.problems.extend(problems.into_iter().map(|problem| problem.under(prefix)));
        if failed {
            return None;
        }
        serde_json::from_value(value)
            .map_err(|error| self.problems.push(Problem::new(prefix, error.to_string())))
            .ok()
    }

    fn table(&mut self, value: Value, key: &str) -> Map<String, Value> {
        if let Value::Object(map) = value {
            map
        } else {
            self.problems.push(Problem::new(key, "expected a table"));
            Map::new()
        }
    }

    fn unknown_plugin<'a>(
        &mut self,
        prefix: &str,
        sort: &str,
        wanted: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let absent =
            registry::absent().into_iter().find(|absent| absent.sort == sort && absent.name == wanted);
        if let Some(absent) = absent {
            let text = format!("the {sort} plugin `{wanted}` is not in this program: {}", absent.why);
            self.problems.push(Problem::new(format!("{prefix}.type"), text));
            return;
        }
        let names: Vec<_> = known.clone().map(|name| format!("`{name}`")).collect();
        let near = did_you_mean(wanted, known);
        let list = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        self.problems.push(Problem::new(
            format!("{prefix}.type"),
            format!("there is no {sort} plugin `{wanted}`{near} (this program has {list})"),
        ));
    }

    fn instance(&self, name: String) -> Instance {
        let base_dir = self.file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Instance { name, base_dir: base_dir.to_owned() }
    }
}

/// A misspelt core key lands in the plugin's table; the plugin's schema does not know the core's keys.
fn with_own_keys(mut problems: Vec<Problem>, own: &[&str]) -> Vec<Problem> {
    for problem in &mut problems {
        if problem.message == "unknown key" && !problem.key.contains(['.', '[']) {
            problem.message.push_str(&did_you_mean(&problem.key, own.iter().copied()));
        }
    }
    problems
}

fn take(table: &mut Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| table.remove_entry(*key)).collect()
}

fn whole_file(file: &Path, message: String) -> ConfigError {
    ConfigError {
        file: file.to_owned(),
        problems: vec![LocatedProblem { key: String::new(), message, line: None, variable: None }],
    }
}

/// Variables that override the file: those with a double underscore, which parts tables from keys.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("AUDITOR_") && name.contains("__"))
        .collect()
}

fn environment_provider(variables: &BTreeMap<String, String>) -> (Figment, BTreeMap<String, String>) {
    let mut figment = Figment::new();
    let mut keys = BTreeMap::new();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix("AUDITOR_") else { continue };
        let key = rest.to_ascii_lowercase().replace("__", ".");
        // TOML where it parses, else a string: `8`, `true` and `["a"]` need no quotes, names need none either.
        let parsed = Figment::from(Toml::string(&format!("value = {value}")))
            .extract_inner::<Value>("value")
            .unwrap_or_else(|_| Value::String(value.clone()));
        figment = figment.merge((key.as_str(), parsed));
        keys.insert(key, name.clone());
    }
    (figment, keys)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn index_lines(item: &toml_edit::Item, text: &str, key: &str, lines: &mut BTreeMap<String, usize>) {
    let child = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    if let Some(table) = item.as_table_like() {
        for (name, _) in table.iter() {
            if let Some((name_key, item)) = table.get_key_value(name) {
                let path = child(name);
                if let Some(span) = name_key.span().or_else(|| item.span()) {
                    lines.insert(path.clone(), line_of(text, span.start));
                }
                index_lines(item, text, &path, lines);
            }
        }
    } else if let Some(tables) = item.as_array_of_tables() {
        for (i, table) in tables.iter().enumerate() {
            let path = format!("{key}[{i}]");
            if let Some(span) = table.span() {
                lines.insert(path.clone(), line_of(text, span.start));
            }
            index_lines(&toml_edit::Item::Table(table.clone()), text, &path, lines);
        }
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
