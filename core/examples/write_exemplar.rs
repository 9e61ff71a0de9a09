//! Puts the exemplar (`tests/vectors/exemplar.json`) into the store that a URL names: `write_exemplar URL`. Programs in other languages
//! then read that store and compare with the file.

use std::error::Error;

use tasktrail::schema::{Json, Record};
use tasktrail::store::{self, EncodedRecord, StoreUrl};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: write_exemplar URL")?;
    let texts: Vec<Json> = serde_json::from_str(include_str!("../../tests/vectors/exemplar.json"))?;
    let batch = texts
        .iter()
        .map(|text| Record::from_json(text.as_str()).map(EncodedRecord::new))
        .collect::<Result<Vec<_>, _>>()?;
    let store = store::open(&StoreUrl::parse(&url)?).await?;
    let inserted = store.insert(&batch).await?;
    store.close().await;
    if inserted.stored + inserted.duplicates != batch.len() {
        return Err(format!("the store refused {:?}", inserted.refused).into());
    }
    println!("{}", batch.len());
    Ok(())
}
