-- A unique body of 1 KiB for every request.
function setup(thread) thread:set("id", tostring(math.random(1, 1000000000))) end

local count = 0
function request()
  count = count + 1
  local head = id .. ":" .. count .. ":"
  local body = head .. string.rep("x", 1024 - #head)
  return wrk.format("POST", "/", { ["Content-Type"] = "text/plain" }, body)
end
