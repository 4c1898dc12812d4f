// Converts a Swagger 2 description (JSON on stdin) to OpenAPI 3 with kin-openapi, which oasdiff reads with:
// a second opinion beside workspai_hooks/contracts/openapi/swagger.py.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
)

func main() {
	var doc openapi2.T
	if err := json.NewDecoder(os.Stdin).Decode(&doc); err != nil {
		log.Fatal(err)
	}
	converted, err := openapi2conv.ToV3(&doc)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(converted); err != nil {
		log.Fatal(err)
	}
}
