//! All pages of a search.

use rushlight_oracle::json::Json;
use rushlight_persistence::{Access, From, Search, SearchPage, Snapshot, Store, StoreError, Totals, Version};
use rushlight_search::query::Query;

/// `Type/id`, as answers are compared.
pub fn name(version: &Version) -> String {
    format!("{}/{}", version.ty.name(), version.id)
}

pub fn names(versions: &[Version]) -> Vec<String> {
    versions.iter().map(name).collect()
}

/// The matches of a page; what is contained is named by its container and its id in that.
pub fn matches(page: &SearchPage) -> Vec<String> {
    if page.containers.is_empty() {
        return names(&page.matches);
    }
    assert_eq!(page.containers.len(), page.matches.len());
    let each = page.matches.iter().zip(&page.containers);
    let named = each.map(|(version, container)| match container {
        None => name(version),
        Some(container) => {
            let (ty, id) = (version.ty.name(), &version.id);
            // It is the one that is meant: its text says so.
            let text = Json::read(&version.body);
            assert_eq!((text.text_of("resourceType"), text.text_of("id")), (Some(ty), Some(id.as_str())));
            format!("{}/{}#{id}", container.ty.name(), container.id)
        }
    });
    named.collect()
}

/// A way to ask for pages.
#[derive(Clone)]
pub struct Pages<'a> {
    pub store: &'a Store,
    pub access: &'a Access,
    pub query: &'a Query,
    pub snapshot: &'a Snapshot,
    pub count: usize,
}

impl Pages<'_> {
    pub fn page(&self, from: From, total: Totals) -> Result<SearchPage, StoreError> {
        self.ask(Some(self.snapshot), from, total)
    }

    fn ask(&self, snapshot: Option<&Snapshot>, from: From, total: Totals) -> Result<SearchPage, StoreError> {
        let search = Search {
            query: self.query,
            snapshot,
            count: self.count,
            bytes: usize::MAX >> 1,
            most_included: 100_000,
            from,
            total,
        };
        self.store.search(self.access, &search)
    }

    /// The first page of the present, while nobody writes: what is to come is as of the snapshot that it tells.
    pub fn first(&self) -> Result<SearchPage, StoreError> {
        let page = self.ask(None, From::First, Totals::Accurate)?;
        // How far all is known to be settled may differ.
        assert_eq!(page.snapshot.upto, self.snapshot.upto);
        let same = self.page(From::First, Totals::Accurate)?;
        let of = |page: &SearchPage| {
            let (matches, included) = (matches(page), names(&page.included));
            (matches, included, page.cut, page.next.clone(), page.previous.clone(), page.total)
        };
        assert_eq!(of(&page), of(&same), "the present, and the same by its snapshot");
        Ok(page)
    }

    /// From the first to the last.
    pub fn forwards(&self) -> Result<Vec<SearchPage>, StoreError> {
        let mut pages = vec![self.first()?];
        while let Some(next) = pages[pages.len() - 1].next.clone() {
            pages.push(self.page(From::After(next), Totals::None)?);
            assert!(pages.len() < 100_000, "pages without end");
        }
        Ok(pages)
    }

    /// The matches from the last page to the first, in their order.
    pub fn backwards(&self) -> Result<Vec<String>, StoreError> {
        let mut page = self.page(From::Last, Totals::None)?;
        let mut all = vec![matches(&page)];
        while let Some(previous) = page.previous.clone() {
            page = self.page(From::Before(previous), Totals::None)?;
            all.push(matches(&page));
            assert!(all.len() < 100_000, "pages without end");
        }
        all.reverse();
        Ok(all.concat())
    }
}
