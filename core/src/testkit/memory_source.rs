//! A scripted source.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::json;

use crate::{
    error::SourceError,
    model::{Kind, Resource},
    outcome::{Gap, GapReason},
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};

/// A kind for tests.
pub static WIDGET: Kind = Kind::new("test_widget", "A widget");
/// Another kind for tests.
pub static WIDGET_USER: Kind = Kind::new("test_widget_user", "A user of widgets");

/// What the scripted source does in the listing of [`WIDGET`].
#[derive(Debug, Clone)]
pub enum Step {
    /// Emits that many widgets.
    Emit(usize),
    /// Fails with what the function makes.
    Fail(fn() -> SourceError),
    /// Records a gap.
    Gap(GapReason),
    /// Waits until the run is stopped, as a well-behaved source does.
    WaitForStop,
    /// Ignores everything for a long time, as a badly behaved source does.
    Hang,
    /// Panics.
    Panic,
}

/// A source with given targets whose listing of widgets follows a script; one [`WIDGET_USER`] is always listed after.
#[derive(Debug, Clone)]
pub struct MemorySource {
    /// What it plans.
    pub targets: Vec<Target>,
    /// What its listing of widgets does.
    pub script: Arc<[Step]>,
}

impl MemorySource {
    /// A source with one target.
    pub fn new(script: &[Step]) -> Self {
        Self { targets: vec![target("one")], script: script.into() }
    }

    /// The same source with that many targets.
    #[must_use]
    pub fn with_targets(mut self, count: usize) -> Self {
        self.targets = (0..count).map(|i| target(&format!("target-{i}"))).collect();
        self
    }
}

/// A target of the account `111122223333`.
///
/// # Panics
/// Never: the account id is right.
pub fn target(id: &str) -> Target {
    let account = "111122223333".parse().expect("twelve digits");
    Target { id: id.to_owned(), account, name: format!("Target {id}"), settings: json!({}) }
}

/// The widget of that number.
pub fn widget(target: &Target, number: usize) -> Resource {
    let document = json!({ "number": number });
    Resource::new(&WIDGET, target.account.clone(), format!("widget-{number:04}"), document)
}

#[async_trait]
impl Source for MemorySource {
    fn kinds(&self) -> Vec<&'static Kind> {
        vec![&WIDGET, &WIDGET_USER]
    }

    async fn plan(&self, _: &Context) -> Result<Vec<Target>, SourceError> {
        Ok(self.targets.clone())
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        out.scope(&[&WIDGET], |emit| async move {
            let mut number = 0;
            for step in self.script.iter() {
                match step {
                    Step::Emit(count) => {
                        for _ in 0..*count {
                            emit.emit(widget(target, number)).await?;
                            number += 1;
                        }
                    }
                    Step::Fail(make) => return Err(make()),
                    Step::Gap(reason) => emit.gap(&WIDGET, Gap::new(*reason, "scripted")),
                    Step::WaitForStop => {
                        out.caller().cancellation().cancelled().await;
                        return Err(SourceError::Cancelled);
                    }
                    Step::Hang => tokio::time::sleep(Duration::from_secs(100_000)).await,
                    Step::Panic => panic!("scripted"),
                }
            }
            Ok(())
        })
        .await;
        out.scope(&[&WIDGET_USER], |emit| async move {
            let document = json!({ "name": "only" });
            emit.emit(Resource::new(&WIDGET_USER, target.account.clone(), "user-1", document)).await
        })
        .await;
        Ok(())
    }

    async fn check(&self, target: &Target, _: &Context) -> Vec<CheckItem> {
        vec![CheckItem::ok("widgets", &target.id)]
    }
}
