//! One request, as interactions see it.

use crate::app::App;
use crate::error::Error;
use crate::heavy::LIGHT;
use crate::parameters::Parameters;
use crate::protocol::negotiate::Wanted;
use crate::protocol::prefer::Prefer;
use crate::record::Record;
use crate::settings::UpdateAsCreate;
use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Bytes, Data};
use rushlight_model::{Id, ResourceType};
use rushlight_persistence::{Access, Op, Precondition, Refusal, Store, StoreError, TransactError, Written};
use std::rc::Rc;
use tokio::sync::oneshot;

/// A request with its parts read.
pub struct Context {
    /// The server.
    pub app: Data<App>,
    /// What it leaves behind; says what the path names.
    pub record: Rc<Record>,
    /// The path, without the base's.
    pub path: String,
    /// The query.
    pub parameters: Parameters,
    /// Which representation the client wants.
    pub wanted: Wanted,
    /// What the client would like.
    pub prefer: Prefer,
    /// The request itself.
    pub request: HttpRequest,
    /// The body.
    pub body: Bytes,
}

impl Context {
    /// The type named in the path.
    ///
    /// # Errors
    /// 404 for a name that is no type, with the nearest.
    pub fn ty(&self) -> Result<ResourceType, Error> {
        self.record.segments.ty(&self.app.checks)
    }

    /// The id named in the path.
    ///
    /// # Errors
    /// 400 for what can't be an id.
    pub fn id(&self) -> Result<Id, Error> {
        self.record.segments.id()
    }

    /// What this caller may see: everything, until callers are told apart.
    pub fn access(&self) -> Access {
        Access::all()
    }

    /// What page links below a path are bound to: the path, who asks, and what they may see.
    pub fn bound(&self, path: &str) -> String {
        format!("{path}\n{:?}\n{:?}", self.record.actor, self.access())
    }

    /// Runs a read where it may block. The only way from a handler to the database, save [`Self::write`].
    ///
    /// # Errors
    /// What the store says.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &Access) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Error> {
        let (store, access) = (self.app.store.clone(), self.access());
        actix_web::web::block(move || work(&store, &access))
            .await
            .map_err(|_| Error::Overloaded)?
            .map_err(Error::from)
    }

    /// Hands ops to the writer and waits for the commit without holding a thread.
    ///
    /// # Errors
    /// Why nothing was written.
    pub async fn write(&self, ops: Vec<Op>) -> Result<Vec<Written>, TransactError> {
        let (hand_on, written) = self.job(ops);
        if self.body.len() <= LIGHT {
            hand_on();
        } else if actix_web::web::block(hand_on).await.is_err() {
            // What answers is gone with it.
            log::error!("no thread could be had to prepare a write");
        }
        written.await
    }

    /// Hands ops to the writer at once; what is returned waits for the commit.
    pub fn submit(&self, ops: Vec<Op>) -> impl Future<Output = Result<Vec<Written>, TransactError>> + use<> {
        let (hand_on, written) = self.job(ops);
        hand_on();
        written
    }

    /// What prepares ops and hands them to the writer, which may take time, and what waits for the commit.
    fn job(
        &self,
        mut ops: Vec<Op>,
    ) -> (impl FnOnce() + Send + 'static, impl Future<Output = Result<Vec<Written>, TransactError>> + use<>)
    {
        let (sender, receiver) = oneshot::channel();
        let (store, origin) = (self.app.store.clone(), self.record.origin().seeing(self.access()));
        let refused = self.app.settings.update_as_create == UpdateAsCreate::Refused;
        let hand_on = move || {
            // A caller who has gone away does not undo the write.
            let reply = move |result| drop(sender.send(result));
            match if refused { must_exist(&mut ops) } else { Ok(()) } {
                Ok(()) => store.submit(&origin, ops, reply),
                Err(refused) => reply(Err(refused)),
            }
        };
        let record = Rc::clone(&self.record);
        let written = async move {
            let result = receiver.await.unwrap_or(Err(TransactError::Store(StoreError::Closing)));
            if result.iter().flatten().any(Written::wrote) {
                record.wrote.set(true);
            }
            result
        };
        (hand_on, written)
    }
}

/// Lets no PUT make a resource.
fn must_exist(ops: &mut [Op]) -> Result<(), TransactError> {
    for (op, asked) in ops.iter_mut().enumerate() {
        let Op::Put { ty, id, precondition, .. } = asked else { continue };
        match precondition {
            Precondition::None => *precondition = Precondition::MustExist,
            Precondition::IfNoneMatchAny => {
                let why = Refusal::Unknown { ty: *ty, id: id.clone() };
                return Err(TransactError::Refused { op, why });
            }
            Precondition::IfMatch(_) | Precondition::MustExist => {}
        }
    }
    Ok(())
}

/// A header that may be there once, as text.
///
/// # Errors
/// 400 where it is there twice, or is not ASCII.
pub fn one_header<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h str>, Error> {
    let mut all = headers.get_all(name);
    let Some(first) = all.next() else { return Ok(None) };
    match (first.to_str(), all.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(Error::BadHeader { name, expected: "one value, in ASCII" }),
    }
}

/// A `versionId` of ours: a positive number without sign or leading zero.
pub fn version_number(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok()).flatten()
}
