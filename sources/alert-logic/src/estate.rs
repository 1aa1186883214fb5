//! One Alert Logic account as it is read: what several kinds are made from is read once, when the first of them asks.

use std::{collections::BTreeMap, future::Future, pin::pin};

use auditor_core::{
    error::SourceError,
    model::{AccountId, Kind},
    outcome::Gap,
    source::Emitter,
};
use chrono::{TimeDelta, Utc};
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{
    client::{Api, Login, Query, Window, calls},
    config::AlertLogicConfig,
    deployment::{Deployment, Levels},
    health::Health,
    item::Item,
};

/// Calls about deployments that are on their way at once. The engine limits them further.
const AT_ONCE: usize = 4;

/// Something that is read once, whether or not that works.
struct Once<T>(OnceCell<Result<T, SourceError>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<T> Once<T> {
    async fn get(&self, read: impl Future<Output = Result<T, SourceError>>) -> Result<&T, SourceError> {
        self.0.get_or_init(|| read).await.as_ref().map_err(SourceError::again)
    }
}

/// Deployments, and which could not be read.
#[derive(Default)]
struct Deployments {
    all: Vec<Deployment>,
    gaps: Vec<Gap>,
}

/// Health of each deployment, by its id.
pub(crate) type HealthByDeployment = BTreeMap<String, Result<Health, SourceError>>;

/// Incidents in the window that is audited.
pub(crate) type Incidents = crate::client::Incidents;

/// One Alert Logic account.
pub(crate) struct Estate<'a> {
    pub(crate) api: Api<'a>,
    pub(crate) config: &'a AlertLogicConfig,
    /// `alert-logic:<id>`.
    pub(crate) tenant: AccountId,
    /// The Alert Logic account's id.
    pub(crate) id: &'a str,
    /// Whether it is the key's own account.
    pub(crate) own: bool,
    /// Its record.
    pub(crate) record: Value,
    deployments: Once<Deployments>,
    policies: Once<Vec<Value>>,
    users: Once<Vec<Value>>,
    roles: Once<Vec<Value>>,
    health: OnceCell<HealthByDeployment>,
    incidents: Once<Incidents>,
}

impl<'a> Estate<'a> {
    /// An account of which only its own record has been read.
    pub(crate) fn new(
        api: Api<'a>,
        config: &'a AlertLogicConfig,
        tenant: AccountId,
        id: &'a str,
        login: &Login,
        record: Value,
    ) -> Self {
        Self {
            api,
            config,
            tenant,
            id,
            own: login.account == id,
            record,
            deployments: Once::default(),
            policies: Once::default(),
            users: Once::default(),
            roles: Once::default(),
            health: OnceCell::new(),
            incidents: Once::default(),
        }
    }

    /// Deployments in the order of their ids. Those that could not be read become gaps of `kind`.
    pub(crate) async fn deployments(
        &self,
        emit: &Emitter,
        kind: &'static Kind,
    ) -> Result<&[Deployment], SourceError> {
        let deployments = self.deployments.get(self.read_deployments()).await?;
        for gap in &deployments.gaps {
            emit.gap(kind, gap.clone());
        }
        Ok(&deployments.all)
    }

    /// Deployments for a kind that they only complete: none, with a gap, if they may not be read.
    pub(crate) async fn deployments_if_permitted(
        &self,
        emit: &Emitter,
        kind: &'static Kind,
    ) -> Result<&[Deployment], SourceError> {
        Ok(permitted(emit, kind, self.deployments(emit, kind).await)?.unwrap_or_default())
    }

    async fn read_deployments(&self) -> Result<Deployments, SourceError> {
        let mut deployments = Deployments::default();
        for value in self.api.list(calls::DEPLOYMENTS, &[], &[], None).await? {
            match Deployment::new(value, &self.tenant) {
                Ok(deployment) => deployments.all.push(deployment),
                Err(gap) => deployments.gaps.push(gap),
            }
        }
        deployments.all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(deployments)
    }

    /// Protection policies.
    pub(crate) async fn policies(&self) -> Result<&[Value], SourceError> {
        self.policies.get(self.api.list(calls::POLICIES, &[], &[], None)).await.map(Vec::as_slice)
    }

    /// Names of protection levels, for a kind that they only complete: none, with a gap, if they may not be read.
    pub(crate) async fn levels(&self, emit: &Emitter, kind: &'static Kind) -> Result<Levels, SourceError> {
        Ok(Levels::new(permitted(emit, kind, self.policies().await)?.unwrap_or_default()))
    }

    /// Users, with their roles, passwords' and keys' facts.
    pub(crate) async fn users(&self) -> Result<&[Value], SourceError> {
        const QUERY: &Query<'static> = &[
            ("include_role_ids", "true"),
            ("include_user_credential", "true"),
            ("include_access_keys", "true"),
        ];
        self.users.get(self.api.list(calls::USERS, &[], QUERY, Some("users"))).await.map(Vec::as_slice)
    }

    /// Roles, of the account and of all.
    pub(crate) async fn roles(&self) -> Result<&[Value], SourceError> {
        self.roles.get(self.api.list(calls::ROLES, &[], &[], Some("roles"))).await.map(Vec::as_slice)
    }

    /// Names of roles by id, for a kind that they only complete: `None`, with a gap, if they may not be read.
    pub(crate) async fn role_names(
        &self,
        emit: &Emitter,
        kind: &'static Kind,
    ) -> Result<Option<BTreeMap<String, String>>, SourceError> {
        let roles = permitted(emit, kind, self.roles().await)?;
        let name = |role: &Value| Some((Item(role).id("id")?, Item(role).text("name")?));
        Ok(roles.map(|roles| roles.iter().filter_map(name).collect()))
    }

    /// Collection health of each of these deployments.
    ///
    /// # Errors
    /// [`Cancelled`](SourceError::Cancelled) alone: that one deployment's health cannot be read is part of the result.
    pub(crate) async fn health(
        &self,
        deployments: &[Deployment],
    ) -> Result<&HealthByDeployment, SourceError> {
        let health = self
            .health
            .get_or_init(|| async {
                let read = |deployment| async move { (deployment, self.read_health(deployment).await) };
                let mut readings = pin!(few_at_a_time(deployments.iter().map(read).collect()));
                let mut health = HealthByDeployment::new();
                while let Some((deployment, reading)) = readings.next().await {
                    health.insert(deployment.id.clone(), reading);
                }
                health
            })
            .await;
        let stopped = |result: &Result<Health, SourceError>| {
            matches!(result.as_ref().map_err(SourceError::root), Err(SourceError::Cancelled))
        };
        if health.values().any(stopped) { Err(SourceError::Cancelled) } else { Ok(health) }
    }

    async fn read_health(&self, deployment: &Deployment) -> Result<Health, SourceError> {
        let filter = format!("deployment:{}", deployment.raw_id);
        Health::new(&self.api.get(calls::HEALTH_SUMMARY, &[], &[("filter", &filter)]).await?)
    }

    /// Incidents of the last days, as many as the settings say.
    pub(crate) async fn incidents(&self) -> Result<&Incidents, SourceError> {
        let whole = TimeDelta::days(self.config.incident_days.into());
        let longest = TimeDelta::hours(self.config.incident_window_hours.into());
        let read = async { self.api.incidents(Window::before(Utc::now(), whole, longest)).await };
        self.incidents.get(read).await
    }
}

/// Carries out futures a few at a time, results in their order.
pub(crate) fn few_at_a_time<F: Future>(futures: Vec<F>) -> impl Stream<Item = F::Output> {
    stream::iter(futures).buffered(AT_ONCE)
}

/// What completes a kind: `None`, with a gap, if it may not be read. Other failures may pass, and fail the kind rather
/// than change what it says.
fn permitted<T>(
    emit: &Emitter,
    kind: &'static Kind,
    read: Result<T, SourceError>,
) -> Result<Option<T>, SourceError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.root(), SourceError::Denied { .. }) => {
            emit.gap(kind, Gap::from(&error));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
