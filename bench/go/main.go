// The service that Stoker is compared with: what a careful team writes when it puts a tool behind
// HTTP in Go. Gin, os/exec, a semaphore against unbounded processes, a context against slow ones.
package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

func main() {
	program := os.Args[1]
	slots, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	semaphore := make(chan struct{}, slots)
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.POST("/run", func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), 10*time.Second)
		defer cancel()
		select {
		case semaphore <- struct{}{}:
			defer func() { <-semaphore }()
		case <-ctx.Done():
			c.JSON(http.StatusServiceUnavailable, gin.H{"error": "busy"})
			return
		}
		var stdout, stderr bytes.Buffer
		command := exec.CommandContext(ctx, program)
		command.Env = []string{}
		command.Stdout = &stdout
		command.Stderr = &stderr
		if err := command.Run(); err != nil {
			c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
			return
		}
		c.JSON(http.StatusOK, gin.H{
			"state":    "succeeded",
			"exitCode": command.ProcessState.ExitCode(),
			"stdout":   stdout.String(),
			"stderr":   stderr.String(),
		})
	})
	router.GET("/json", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"hello": "world"}) })
	if err := router.Run(os.Args[2]); err != nil {
		panic(err)
	}
}
