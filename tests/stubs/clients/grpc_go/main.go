// The client program of scenarios.py in Go, over stubs generated into benchpb.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"example.com/bench/benchpb"
)

type given struct {
	Target string `json:"target"`
	Runs   []run  `json:"runs"`
}

type run struct {
	Plain         bool    `json:"plain"`
	ServiceConfig *string `json:"service_config"`
	Batches       []batch `json:"batches"`
}

type batch struct {
	WaitS float64 `json:"wait_s"`
	Calls []call  `json:"calls"`
}

type call struct {
	Call      string   `json:"call"`
	Method    string   `json:"method"`
	Behaviour string   `json:"behaviour"`
	RequestID string   `json:"request_id"`
	TimeoutS  *float64 `json:"timeout_s"`
	CancelS   *float64 `json:"cancel_s"`
}

type result struct {
	Call      string  `json:"call"`
	Code      string  `json:"code"`
	ElapsedS  float64 `json:"elapsed_s"`
	Details   string  `json:"details"`
	RequestID string  `json:"request_id"`
}

var names = map[codes.Code]string{
	codes.OK: "OK", codes.Canceled: "CANCELLED", codes.DeadlineExceeded: "DEADLINE_EXCEEDED",
	codes.Unavailable: "UNAVAILABLE", codes.ResourceExhausted: "RESOURCE_EXHAUSTED",
	codes.Aborted: "ABORTED", codes.Internal: "INTERNAL", codes.NotFound: "NOT_FOUND",
}

var (
	printing sync.Mutex
	out      = json.NewEncoder(os.Stdout)
)

func main() {
	var asked given
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	each(asked.Runs, func(one run) { one.do(asked.Target) })
}

func each[T any](all []T, do func(T)) {
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(func() { do(one) })
	}
	group.Wait()
}

func (r run) do(target string) {
	opts := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if r.ServiceConfig != nil {
		opts = append(opts, grpc.WithDefaultServiceConfig(*r.ServiceConfig))
	}
	var outer, inner atomic.Int64
	opts = append(opts, grpc.WithUnaryInterceptor(counting(&outer)), grpc.WithChainUnaryInterceptor(counting(&inner)))
	if !r.Plain {
		opts = benchpb.WithResilience(opts...)
	}
	conn, err := grpc.NewClient(target, opts...)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	stubs := map[string]any{
		"Bench": benchpb.NewBenchClient(conn),
		"Shop":  benchpb.NewShopClient(conn),
		"Depot": benchpb.NewDepotClient(conn),
	}
	for _, one := range r.Batches {
		time.Sleep(seconds(one.WaitS))
		each(one.Calls, func(call call) { call.do(stubs) })
	}
	if outer.Load() == 0 || inner.Load() == 0 {
		log.Fatal("the user's own interceptors are gone")
	}
}

func counting(calls *atomic.Int64) grpc.UnaryClientInterceptor {
	return func(
		ctx context.Context, path string, request, reply any, conn *grpc.ClientConn,
		invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
	) error {
		calls.Add(1)
		return invoke(ctx, path, request, reply, conn, opts...)
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (c call) do(stubs map[string]any) {
	service, name, _ := strings.Cut(c.Method, "/")
	ctx := context.Background()
	if c.TimeoutS != nil {
		within, cancel := context.WithTimeout(ctx, seconds(*c.TimeoutS))
		defer cancel()
		ctx = within
	}
	if c.CancelS != nil {
		within, cancel := context.WithCancel(ctx)
		time.AfterFunc(seconds(*c.CancelS), cancel)
		ctx = within
	}
	ask := &benchpb.Ask{Call: c.Call, Behaviour: c.Behaviour, RequestId: c.RequestID}
	began := time.Now()
	err := invoke(ctx, stubs[service], name, ask)
	elapsed := time.Since(began).Seconds()
	printing.Lock()
	defer printing.Unlock()
	said := status.Convert(err)
	err = out.Encode(result{c.Call, names[said.Code()], elapsed, said.Message(), ask.RequestId})
	if err != nil {
		log.Fatal(err)
	}
}

func invoke(ctx context.Context, stub any, name string, ask *benchpb.Ask) error {
	switch name {
	case "Listed":
		stream, err := stub.(benchpb.ShopClient).Listed(ctx, ask)
		for err == nil {
			_, err = stream.Recv()
		}
		return ended(err)
	case "Chatted":
		stream, err := stub.(benchpb.ShopClient).Chatted(ctx)
		if err != nil {
			return err
		}
		if err := stream.Send(ask); err != nil {
			return err
		}
		for err == nil {
			_, err = stream.Recv()
		}
		return ended(err)
	case "Collected":
		stream, err := stub.(benchpb.ShopClient).Collected(ctx)
		if err != nil {
			return err
		}
		if err := stream.Send(ask); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		_, err = stream.CloseAndRecv()
		return err
	}
	arguments := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(ask)}
	err, _ := reflect.ValueOf(stub).MethodByName(name).Call(arguments)[1].Interface().(error)
	return err
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
