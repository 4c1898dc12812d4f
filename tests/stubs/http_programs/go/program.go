// Makes calls through the generated Go client and its sidecar: `program phases.json url`.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	bench "example.test/bench"
)

type call struct {
	Op        string  `json:"op"`
	ID        string  `json:"id"`
	Behaviour string  `json:"behaviour"`
	Body      bool    `json:"body"`
	Key       string  `json:"key"`
	Timeout   float64 `json:"timeout_s"`
	Sleep     float64 `json:"sleep_s"`
}

type lane struct {
	Plain bool     `json:"plain"`
	Calls [][]call `json:"calls"`
}

var printing sync.Mutex

func clientOf(url string, plain bool) *bench.APIClient {
	cfg := bench.NewConfiguration()
	cfg.Servers = bench.ServerConfigurations{{URL: url}}
	cfg.HTTPClient = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	if !plain {
		cfg.HTTPClient = bench.ResilientHTTPClient(cfg)
	}
	return bench.NewAPIClient(cfg)
}

// one calls api.Op(ctx, id).Behaviour(…).Execute() by its name.
func one(client *bench.APIClient, c call) {
	time.Sleep(time.Duration(c.Sleep * float64(time.Second)))
	ctx := context.Background()
	if c.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(c.Timeout*float64(time.Second)))
		defer cancel()
		ctx = limited
	}
	arguments := []reflect.Value{reflect.ValueOf(ctx)}
	if c.Op != "getLatest" {
		arguments = append(arguments, reflect.ValueOf(c.ID))
	}
	name := strings.ToUpper(c.Op[:1]) + c.Op[1:]
	request := reflect.ValueOf(client.BenchAPI).MethodByName(name).Call(arguments)[0]
	set := func(name string, value any) {
		request = request.MethodByName(name).Call([]reflect.Value{reflect.ValueOf(value)})[0]
	}
	set("Behaviour", c.Behaviour)
	if c.Body {
		set("Ask", bench.Ask{Text: bench.PtrString("hello")})
	}
	if c.Key != "" {
		set("IdempotencyKey", c.Key)
	}
	begun := time.Now()
	results := request.MethodByName("Execute").Call(nil)
	elapsed := time.Since(begun).Seconds()
	status, text := 0, ""
	if response := results[1].Interface().(*http.Response); response != nil {
		status = response.StatusCode
	}
	if failed, _ := results[2].Interface().(error); failed != nil {
		text = failed.Error()
		if _, answered := failed.(*bench.GenericOpenAPIError); !answered {
			status = 0
		}
	}
	if file, ok := results[0].Interface().(*os.File); ok && file != nil {
		if info, err := os.Stat(file.Name()); err == nil {
			text = fmt.Sprintf("%d bytes", info.Size())
		}
		os.Remove(file.Name())
	}
	line, _ := json.Marshal(map[string]any{"id": c.ID, "status": status, "error": text, "elapsed_s": elapsed})
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(line))
}

func main() {
	var phases [][]lane
	content, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(content, &phases)
	}
	if err != nil {
		panic(err)
	}
	for _, phase := range phases {
		var lanes sync.WaitGroup
		for _, each := range phase {
			client := clientOf(os.Args[2], each.Plain)
			lanes.Add(1)
			go func(steps [][]call) {
				defer lanes.Done()
				for _, step := range steps {
					var calls sync.WaitGroup
					for _, c := range step {
						calls.Add(1)
						go func(c call) {
							defer calls.Done()
							one(client, c)
						}(c)
					}
					calls.Wait()
				}
			}(each.Calls)
		}
		lanes.Wait()
	}
}
