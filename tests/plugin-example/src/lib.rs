//! Badges of the access system, from files that it drops into a folder, one per site.

mod badge;

use std::path::PathBuf;

use async_trait::async_trait;
use auditor_core::{
    config::Problem,
    error::SourceError,
    model::Kind,
    registry::{Instance, SourceConfig, SourcePlugin},
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};
use badge::{BADGE, Badge};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

auditor_core::inventory::submit! {
    SourcePlugin::new::<BadgesConfig>("badges", "Badges of the access system", &[&BADGE])
}

/// Settings of one `badges` source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BadgesConfig {
    /// Folder of exports, one `SITE.json` per site. Relative to the configuration file.
    pub path: PathBuf,
}

impl SourceConfig for BadgesConfig {
    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        Ok(Box::new(Badges { folder: instance.path(&self.path) }))
    }
}

struct Badges {
    folder: PathBuf,
}

#[async_trait]
impl Source for Badges {
    fn kinds(&self) -> Vec<&'static Kind> {
        vec![&BADGE]
    }

    async fn plan(&self, _: &Context) -> Result<Vec<Target>, SourceError> {
        let failed = |error| SourceError::rejected("list exports", error);
        let mut targets = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let Some(site) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            // Where no AWS account applies: `provider:id`.
            let account = format!("badges:{site}").parse();
            let account = account.map_err(|error| SourceError::rejected("list exports", error))?;
            let settings = json!({ "path": path });
            targets.push(Target { id: site.to_owned(), account, name: site.to_owned(), settings });
        }
        targets.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(targets)
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        out.scope(&[&BADGE], |emit| async move {
            // Every call to the outside goes through the caller, which limits, retries and cancels.
            let text = out.caller().call("read export", || read(target)).await?;
            let badges: Vec<Badge> =
                serde_json::from_str(&text).map_err(|error| SourceError::malformed("read export", error))?;
            for badge in badges {
                emit.emit(badge.resource(target)).await?;
            }
            Ok(()) // the only way the scope becomes complete
        })
        .await;
        Ok(())
    }

    async fn check(&self, target: &Target, _: &Context) -> Vec<CheckItem> {
        vec![match read(target).await {
            Ok(_) => CheckItem::ok("read export", &target.id),
            Err(error) => CheckItem::failed("read export", &target.id, auditor_core::error::chain(&error)),
        }]
    }
}

/// The one call to the outside: what it could not do is an error by its class, never an empty text.
async fn read(target: &Target) -> Result<String, SourceError> {
    let path = target.settings["path"].as_str().unwrap_or_default();
    tokio::fs::read_to_string(path).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            SourceError::denied("read export", error).with_hint("let the auditor read the folder of exports")
        }
        _ => SourceError::unavailable("read export", error),
    })
}
