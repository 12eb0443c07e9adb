-- Half load: every connection waits between its requests, so that all together ask for about RATE a
-- second, at random moments. wrk -s paced.lua ... URL -- RATE CONNECTIONS
local mean_ms

function init(args)
  mean_ms = 1000 * tonumber(args[2]) / tonumber(args[1])
  math.randomseed(os.time())
end

function delay()
  return math.floor(-math.log(1 - math.random()) * mean_ms)
end

wrk.method = "POST"
wrk.body = "{}"
wrk.headers["Content-Type"] = "application/json"
