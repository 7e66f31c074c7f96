package evaluate
import "time"
func init(){ debugJobs = func(jobs []*job){ var a,b time.Duration; var na,nb int; for _,j:=range jobs { if j.spread {a+=j.took;na++} else {b+=j.took;nb++} }; println("spread",na,(a/time.Duration(na+1)).String(),"row",nb,(b/time.Duration(nb+1)).String()) } }
