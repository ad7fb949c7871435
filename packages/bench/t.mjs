import { startPostgres } from "@yingshao/postgres-server"
import { postgresStorage } from "@yingshao/storage-postgres"
import { openPublicCounty } from "./src/postgres-county.ts"
import { openEmmettPostgres, appendsOf } from "./src/emmett-postgres.ts"
import pg from "pg"
import fs from "node:fs"
const s = (await startPostgres({fsync:true, settings:{max_wal_size:"4GB"}})).server
const pool = new pg.Pool({connectionString: s.url, max: 20})
const storage = await postgresStorage({pool, schema:"a"})
const county = await openPublicCounty(storage, "522731")
const pgCpu = () => { let t=0; for (const p of fs.readdirSync("/proc")) { if(!/^\d+$/.test(p)) continue; try { const c=fs.readFileSync(`/proc/${p}/cmdline`,"latin1"); if(!c.startsWith("postgres:")&&!c.includes("yingshao-postgres")) continue; const env=fs.readlinkSync(`/proc/${p}/cwd`); if(!env.includes(s.url.match(/yingshao-postgres-\w+/)[0])) continue; const st=fs.readFileSync(`/proc/${p}/stat`,"latin1").split(") ")[1].split(" "); t+= +st[11]+ +st[12] } catch {} } return t*10000 }
let start=0
const run = async (label,n,k,f) => { const t=performance.now(); const cpu=process.cpuUsage(); const p=pgCpu(); await f(start,n,k); start+=n; const d=performance.now()-t; const u=process.cpuUsage(cpu); console.log(label, (n/d*1000).toFixed(0)+"/s", "node us/cmd", ((u.user+u.system)/n).toFixed(0), "pg us/cmd", ((pgCpu()-p)/n).toFixed(0)) }
const sub=(a,n,k)=>county.submit(a,n,k)
await run("1",100,1,sub); await run("32",1000,32,sub); await run("32",2000,32,sub); await run("256",3000,256,sub); await run("256",3000,256,sub)
process.exit(0);
const em = await openEmmettPostgres(s.url, 16)
const aps=[]; for(let after=1; aps.length<3000;){ const pg=await storage.journal("522731",{after,limit:1000}); aps.push(...pg.map(r=>appendsOf(r.entry))); after+=pg.length; if(!pg.length)break }
let i=0
const e=async(a,n,k)=>{ const end=i+n; await Promise.all(Array.from({length:k},async()=>{ while(i<end){ const x=i++; await em.append(aps[x]) } })) }
await run("emmett warm",200,32,e); await run("emmett 32",1000,32,e); await run("emmett 32",1000,32,e)
await em.close(); await pool.end(); await s.close()
