//! A few connections kept open for writing.
//!
//! Smaller than sqlx's own pool, which asks the server for a sign of life whenever a connection is lent and whenever it
//! comes back: as much as an unchanged task costs altogether. Here a connection is kept only after the transaction on
//! it ended well; any other is closed, which makes the server roll back, and a dead one shows as an error that the
//! writer tries again.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

type Connect<C> = Box<dyn Fn() -> BoxFuture<'static, Result<C, sqlx::Error>> + Send + Sync>;

/// Up to so many connections at a time. Clones share them.
pub struct Pool<C>(Arc<Inner<C>>);

struct Inner<C> {
    connect: Connect<C>,
    idle: Mutex<Vec<C>>,
    permits: Arc<Semaphore>,
}

/// A connection on loan. Dropped without [`give_back`](Self::give_back), it is closed.
pub struct Lease<C> {
    connection: C,
    pool: Pool<C>,
    _permit: OwnedSemaphorePermit,
}

impl<C: Send + 'static> Pool<C> {
    /// A pool of at most `size` connections, made by `connect` when first needed.
    pub fn new(
        size: usize,
        connect: impl Fn() -> BoxFuture<'static, Result<C, sqlx::Error>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            connect: Box::new(connect),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(size.max(1))),
        }))
    }

    /// Waits for one's turn, then lends an open connection or makes one.
    ///
    /// # Errors
    /// What connecting failed with.
    pub async fn lend(&self) -> Result<Lease<C>, sqlx::Error> {
        let permit =
            Arc::clone(&self.0.permits).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => (self.0.connect)().await?,
        };
        Ok(Lease { connection, pool: self.clone(), _permit: permit })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<C>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Send + 'static> Lease<C> {
    /// Keeps the connection open for others. Only when no transaction is open on it.
    pub fn give_back(self) {
        self.pool.idle().push(self.connection);
    }
}

impl<C> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("permits", &self.0.permits).finish_non_exhaustive()
    }
}

impl<C> Deref for Lease<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.connection
    }
}

impl<C> DerefMut for Lease<C> {
    fn deref_mut(&mut self) -> &mut C {
        &mut self.connection
    }
}
