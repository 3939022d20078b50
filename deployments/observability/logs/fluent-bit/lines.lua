-- SPDX-License-Identifier: Apache-2.0
-- Makes a record of the store of each line: fluent-bit.yaml has parsed it already if it was JSON; a line of PostgreSQL, RabbitMQ or
-- Redis gets the services' names here. What the store would refuse becomes a parse failure before it gets there, since Fluent Bit
-- sends a refused batch again for ever.

-- The fields of log_line.schema.json, by type; a test compares.
local strings = [[
  @timestamp message log.level service.name service.version request_id trace.id http.request.method http.route url.path client.ip
  client.network network.protocol upstream.address upstream.flags error.code error.message event.action event.reason user.id user.name
  key.id secret.id cloudevent.id cloudevent.type cloudevent.source cloudevent.outcome notification.id notification.template
  notification.outcome mail.cause db.collection.name dependency.name dependency.address dependency.advice server.address task.name]]
local integers = [[
  http.response.status_code event.duration notification.attempt mail_requests.count mail_recipients.count dependency.after_seconds
  server.port schema.version drain.seconds process.pid]]

-- What the store asks of them beyond their type.
local small = { ["http.response.status_code"] = true, ["notification.attempt"] = true, ["server.port"] = true, ["schema.version"] = true }
local addresses = { ["client.ip"] = true }

local longest = 32768
local project = os.getenv("LOG_PROJECT")
local ours = { gateway = true, ["user-service"] = true, ["user-service-migrate"] = true, ["notification-service"] = true,
               ["notification-service-migrate"] = true, postgres = true, redis = true, rabbitmq = true }
local months = { Jan = "01", Feb = "02", Mar = "03", Apr = "04", May = "05", Jun = "06",
                 Jul = "07", Aug = "08", Sep = "09", Oct = "10", Nov = "11", Dec = "12" }
local levels = { PANIC = "error", FATAL = "error", ERROR = "error", error = "error", critical = "error", alert = "error",
                 emergency = "error", WARNING = "warning", warning = "warning", ["#"] = "warning", debug = "debug", ["."] = "debug",
                 DEBUG1 = "debug", DEBUG2 = "debug", DEBUG3 = "debug", DEBUG4 = "debug", DEBUG5 = "debug" }

local types, parents = {}, {}
for kind, names in pairs({ string = strings, number = integers }) do
  for name in names:gmatch("%S+") do
    types[name] = kind
    for at in name:gmatch("()%.") do parents[name:sub(1, at - 1)] = true end
  end
end

-- How many bytes the character at `at` has; nil: it is none (RFC 3629).
local function width(text, at)
  local first, second = text:byte(at, at + 1)
  if first < 0x80 then return 1 end
  if first < 0xC2 or first > 0xF4 or not second then return nil end
  local least = first == 0xE0 and 0xA0 or first == 0xF0 and 0x90 or 0x80
  local most = first == 0xED and 0x9F or first == 0xF4 and 0x8F or 0xBF
  if second < least or second > most then return nil end
  local bytes = first < 0xE0 and 2 or first < 0xF0 and 3 or 4
  for further = at + 2, at + bytes - 1 do
    local byte = text:byte(further)
    if not byte or byte < 0x80 or byte > 0xBF then return nil end
  end
  return bytes
end

-- The text with a question mark for what is no UTF-8.
local function cleaned(text)
  if not text:find("[\128-\255]") then return text end
  local out, at = {}, 1
  while at <= #text do
    local bytes = width(text, at)
    out[#out + 1] = bytes and text:sub(at, at + bytes - 1) or "?"
    at = at + (bytes or 1)
  end
  return table.concat(out)
end

local function is_ipv4(text)
  local parts = { text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") }
  for _, part in ipairs(parts) do
    if tonumber(part) > 255 or part:find("^0.") then return false end
  end
  return #parts == 4
end

-- How many groups of 16 bits a part of an IPv6 address has; nil: it is none.
local function groups(text)
  local counted = 0
  for group in (text == "" and "" or text .. ":"):gmatch("([^:]*):") do
    if not group:find("^%x%x?%x?%x?$") then return nil end
    counted = counted + 1
  end
  return counted
end

local function is_ipv6(text)
  local before, last = text:match("^(.*:)(%d+%.%d+%.%d+%.%d+)$")
  if before then
    if not is_ipv4(last) then return false end
    text = before .. "0:0"
  end
  local at = text:find("::", 1, true)
  if not at then return groups(text) == 8 end
  local first, rest = groups(text:sub(1, at - 1)), groups(text:sub(at + 2))
  return first ~= nil and rest ~= nil and first + rest < 8
end

-- Why the store would refuse the field; nil: it takes it.
local function fault_of(name, value)
  if types[name] then
    if type(value) ~= types[name] then return name .. " is a " .. type(value) end
    -- Fluent Bit hands what is above 2^63 over as -2^63, which is refused with it.
    local most = small[name] and 2 ^ 31 or 2 ^ 63
    if types[name] == "number" and not (value > -most and value < most) then return name .. " is out of range" end
    if addresses[name] and not is_ipv4(value) and not is_ipv6(value) then return name .. " is no address" end
    return nil
  end
  if name == "" or name:find("^[._]") or name:find("%.$") or name:find("..", 1, true) then return "a name that is no field's" end
  if parents[name] then return name .. " is no field" end
  for at in name:gmatch("()%.") do
    if types[name:sub(1, at - 1)] then return name .. " is no field" end
  end
end

local function server_record(line)
  local day, clock, pid, rest = line:match("^(%d%d%d%d%-%d%d%-%d%d) (%d%d:%d%d:%d%d%.%d+) UTC %[(%d+)%] (.*)$")
  if day then
    local user, said, text = rest:match("^([^ @]+)@%S+ (%u[%u%d]*):  (.*)$")
    if not said then said, text = rest:match("^(%u[%u%d]*):  (.*)$") end
    if not said then return nil end
    return { ["@timestamp"] = day .. "T" .. clock .. "Z", ["service.name"] = "postgres", message = text, ["user.name"] = user,
             ["log.level"] = levels[said] or "info", ["process.pid"] = tonumber(pid) }
  end
  local said, text
  day, clock, said, text = line:match("^(%d%d%d%d%-%d%d%-%d%d) (%d%d:%d%d:%d%d%.%d+)%+00:00 %[(%l+)%] <[%d.]+> (.*)$")
  if day then
    return { ["@timestamp"] = day .. "T" .. clock .. "Z", ["service.name"] = "rabbitmq", message = text,
             ["log.level"] = levels[said] or "info" }
  end
  local month, year
  pid, day, month, year, clock, said, text = line:match("^(%d+):%u (%d%d) (%a%a%a) (%d%d%d%d) (%d%d:%d%d:%d%d%.%d+) ([.*#%-]) (.*)$")
  if pid and months[month] then
    return { ["@timestamp"] = year .. "-" .. months[month] .. "-" .. day .. "T" .. clock .. "Z", ["service.name"] = "redis",
             message = text, ["log.level"] = levels[said] or "info", ["process.pid"] = tonumber(pid) }
  end
end

-- Whether the line is of a container that docs/operations/logs.md speaks of. Docker's folder holds all of the machine: docker-compose.yml
-- has the labels written beside each line. On Kubernetes the names of the files tell, and LOG_FILES has the right ones only.
local function is_ours(path, labels)
  if type(labels) == "table" then
    return labels["com.docker.compose.project"] == project and ours[labels["com.docker.compose.service"]] == true
  end
  return not (type(path) == "string" and path:find("/docker/containers/", 1, true))
end

-- Seconds and nanoseconds since 1970, or nil: also where a record's 32 bits of seconds end, in 2106.
local function time_of(text)
  local y, m, d, hour, minute, second, part = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)%.(%d+)Z$")
  if not y or #part > 9 then return nil end
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  local leap = y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0)
  local days_of = { 31, leap and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  if y < 1970 or m < 1 or m > 12 or d < 1 or d > days_of[m] then return nil end
  if tonumber(hour) > 23 or tonumber(minute) > 59 or tonumber(second) > 59 then return nil end
  if m < 3 then y, m = y - 1, m + 12 end -- the year begins in March: its leap day is its last
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + math.floor((153 * m - 457) / 5) + d - 719469
  local seconds = days * 86400 + hour * 3600 + minute * 60 + second
  return seconds < 2 ^ 32 and { sec = seconds, nsec = tonumber(part .. ("0"):rep(9 - #part)) } or nil
end

-- FNV-1a of 64 bits: the same for a line whenever and by whom it is read, so that the store has it once.
local function digest(text)
  local hash = 0xcbf29ce484222325ULL
  for at = 1, #text do hash = bit.bxor(hash, text:byte(at)) * 0x100000001b3ULL end
  return bit.tohex(hash) .. "-" .. #text
end

-- Its id holds its place too: two panics in the same words are two, and a line read twice is one.
local function failure(time, line, why, path, offset)
  local id = "failure-" .. digest(("%s\n%.0f\n"):format(path, offset or 0) .. line)
  return 1, time, { line_id = id, ["event.kind"] = "pipeline_error", ["error.message"] = why,
                    ["event.original"] = cleaned(line:sub(1, longest)), ["log.file.path"] = path }
end

function line(_, time, record)
  local raw, path, offset = record["log"], record["log.file.path"], record["log.offset"]
  if not is_ours(path, record.attrs) then return -1 end
  if type(raw) ~= "string" then return failure(time, "", "no line", path, offset) end
  raw = raw:gsub("[\r\n]+$", "")
  if raw == "" then return -1 end
  if #raw > longest then return failure(time, raw, "longer than 32 KiB", path, offset) end
  if cleaned(raw) ~= raw then return failure(time, raw, "not UTF-8", path, offset) end
  local made = {}
  for name, value in pairs(record) do made[name] = value end
  -- What the container's engine and the input wrote beside it.
  for _, name in ipairs({ "log", "log.file.path", "log.offset", "stream", "logtag", "_p", "time", "attrs" }) do made[name] = nil end
  if next(made) == nil then made = server_record(raw) end
  if not made then return failure(time, raw, "neither a JSON object nor a server's line", path, offset) end
  for _, name in ipairs({ "@timestamp", "message", "log.level", "service.name" }) do
    if made[name] == nil then return failure(time, raw, "no " .. name, path, offset) end
  end
  for name, value in pairs(made) do
    local fault = fault_of(name, value)
    if fault then return failure(time, raw, fault, path, offset) end
  end
  local when = time_of(made["@timestamp"])
  if not when then return failure(time, raw, "@timestamp is no time", path, offset) end
  made.line_id = digest(raw)
  made["@timestamp"] = nil -- the output writes the record's time there
  return 1, when, made
end
