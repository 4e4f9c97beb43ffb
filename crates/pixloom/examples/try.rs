//! temporary
use pixloom::job::*; use serde_json::*;
struct F; impl Face for F { fn started(&self,s:&Start){eprintln!("{s:?}")} fn action(&self,l:&str){println!("{l}")} fn event(&self,_:&pixloom_engine::Event<'_>){} fn remark(&self,l:&str){eprintln!("{l}")} }
fn main(){ let a:Vec<String>=std::env::args().collect(); let e=&pixloom::jobs::JOBS[0]; let v:Value=from_str(&a[1]).unwrap(); let Value::Object(m)=v else{panic!()}; let s=Settings::new(e,m).unwrap(); let cx=JobCx{face:std::sync::Arc::new(F),..Default::default()}; match (e.run)(&s,&cx){Ok(r)=>println!("{}",to_string_pretty(&r).unwrap()),Err(x)=>{eprintln!("{x} {x:?}");std::process::exit(3)}} }
