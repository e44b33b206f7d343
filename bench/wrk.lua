-- wrk ... URL -- BODY_FILE CONTENT_TYPE: post the file; at the end print one line of JSON on stderr.

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.body = file:read("*a")
  file:close()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = arguments[2]
end

function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"microseconds": %d, "requests": %d, "bytes": %d, "p99": %d, "status": %d, "socket": %d}\n',
    summary.duration, summary.requests, summary.bytes, latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
