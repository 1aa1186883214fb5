//! Loading whole files: what is accepted, how errors are reported.

use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::{
    config::Secret,
    registry::SourceConfig,
    testkit::{MemorySource, Step, WIDGET, WIDGET_USER},
};

/// Settings of the test plugin.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WidgetConfig {
    /// Where.
    endpoint: String,
    /// Key.
    token: Option<Secret>,
}

impl SourceConfig for WidgetConfig {
    fn validate(&self) -> Vec<Problem> {
        if self.endpoint.is_empty() {
            vec![Problem::new("endpoint", "must not be empty")]
        } else {
            Vec::new()
        }
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let token =
            self.token.map(|token| token.resolve(instance).map_err(|problem| vec![problem.under("token")]));
        token.transpose()?;
        Ok(Box::new(MemorySource::new(&[Step::Emit(1)])))
    }
}

inventory::submit! {
    SourcePlugin::new::<WidgetConfig>("test-widgets", "Widgets", &[&WIDGET, &WIDGET_USER]).limited_to(0.5)
}

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::parse(Path::new("dir/audit.toml"), text, &variables).map_err(|error| error.to_string())
}

#[test]
fn a_source_is_named_typed_and_switched_in_the_file() {
    let text = "
        [sources.one]
        type = \"test-widgets\"
        endpoint = \"https://example.com\"
        concurrency = 3
        [sources.test-widgets]
        enabled = false
        requests_per_second = 7
        endpoint = \"https://example.org\"";
    let config = parse(text, &[]).unwrap();
    let names: Vec<_> = config.sources.iter().map(|source| source.instance.name.as_str()).collect();
    assert_eq!(names, ["one", "test-widgets"]);
    assert_eq!(config.enabled_sources().count(), 1);
    assert_eq!(config.sources[0].settings.concurrency, Some(3));
    let rates: Vec<_> = config.sources.iter().map(|source| source.settings.requests_per_second).collect();
    assert_eq!(rates, [Some(0.5), Some(7.0)], "the plugin's own unless the file says otherwise");
    assert_eq!(config.sources[0].instance.path(Path::new("x")), Path::new("dir/x"));
    assert_eq!(config.build_sources(config.enabled_sources()).unwrap().len(), 1);
}

#[test]
fn every_error_is_reported_with_line_key_and_advice() {
    let text = "[run]\nconcurency = 3\n\n[sources.one]\ntype = \"test-widget\"\n\n[sources.test-widgets]\nendpoint = \"\"\nkinds = [\"test_wigdet\"]\n[sources.two]\ntype = \"test-widgets\"\nenabeld = true\n[sink]\n";
    let Err(error) = parse(text, &[]) else { panic!("must not load") };
    assert_eq!(
        error.lines().collect::<Vec<_>>(),
        [
            "dir/audit.toml:2: `run.concurency`: unknown key; did you mean `concurrency`?",
            "dir/audit.toml:5: `sources.one.type`: there is no source plugin `test-widget`; did you mean `test-widgets`? (this program has `test-widgets`)",
            "dir/audit.toml:8: `sources.test-widgets.endpoint`: must not be empty",
            "dir/audit.toml:9: `sources.test-widgets.kinds`: `test_wigdet` is no kind of `test-widgets`; did you mean `test_widget`?",
            "dir/audit.toml:10: `sources.two.endpoint`: is required and missing",
            "dir/audit.toml:12: `sources.two.enabeld`: unknown key; did you mean `enabled`?",
            "dir/audit.toml:13: `sink`: unknown key; did you mean `sinks`?",
        ]
    );
}

#[test]
fn the_environment_overrides_and_is_blamed_for_its_own_errors() {
    let text = "[sources.test-widgets]\nendpoint = \"https://example.com\"\nconcurrency = 3";
    let config = parse(text, &[("AUDITOR_SOURCES__TEST-WIDGETS__CONCURRENCY", "9")]).unwrap();
    assert_eq!(config.sources[0].settings.concurrency, Some(9));
    let Err(error) = parse(text, &[("AUDITOR_RUN__CONCURRENCY", "many")]) else { panic!("must not load") };
    assert_eq!(
        error,
        "environment variable `AUDITOR_RUN__CONCURRENCY`: `run.concurrency`: expected a whole number, found a string"
    );
}

#[test]
fn missing_secrets_and_broken_files_are_named_and_secrets_never_shown() {
    let text =
        "[sources.test-widgets]\nendpoint = \"x\"\ntoken = { env = \"AUDITOR_TEST_NO_SUCH_VARIABLE\" }";
    let config = parse(text, &[]).unwrap();
    let error = config.build_sources(config.enabled_sources()).err().unwrap().to_string();
    assert_eq!(
        error,
        "dir/audit.toml:3: `sources.test-widgets.token`: the environment variable `AUDITOR_TEST_NO_SUCH_VARIABLE` is not set"
    );
    let Err(error) = parse("[sources\ntoken = 'hunter2'", &[]) else { panic!("must not load") };
    assert!(error.starts_with("dir/audit.toml:1: is not valid TOML"), "{error}");
    let text = "[sources.test-widgets]\nendpoint = { x = 'hunter2' }\ntoken = ['hunter2']";
    let Err(error) = parse(text, &[]) else { panic!("must not load") };
    assert!(!error.contains("hunter2"), "{error}");
    let missing = Config::load(Path::new("no/such.toml")).err().unwrap().to_string();
    assert!(missing.contains("auditor init"), "{missing}");
}

#[test]
fn the_order_of_precedence_names_sources_types_and_manual_facts() {
    let text = |precedence: &str, name: &str| {
        format!(
            "[accounts]\nprecedence = [{precedence}]\n[sources.{name}]\ntype = \"test-widgets\"\nendpoint = \"x\""
        )
    };
    let config = parse(&text("'manual', 'one', 'test-widgets'", "one"), &[]).unwrap();
    assert_eq!(config.accounts.precedence.as_deref().map(<[_]>::len), Some(3));
    let check = |precedence: &str, name: &str, expected: &[&str]| {
        let Err(error) = parse(&text(precedence, name), &[]) else { panic!("must not load") };
        assert_eq!(error.lines().collect::<Vec<_>>(), expected);
    };
    check(
        "'manaul', 'one', 'one'",
        "one",
        &[
            "dir/audit.toml:2: `accounts.precedence[0]`: `manaul` is no source of this file, no source type and not `manual`; did you mean `manual`?",
            "dir/audit.toml:2: `accounts.precedence[2]`: `one` is listed twice",
        ],
    );
    check(
        "'manual'",
        "manual",
        &[
            "dir/audit.toml:3: `sources.manual`: this name is kept for what `auditor accounts set` stores: choose another, it is yours",
        ],
    );
}
