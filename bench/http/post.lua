-- A body of 1 KiB for every request, of random bytes: no two alike, and nothing to compress.
local ffi = require("ffi")
local bytesCount = 1024
local words = ffi.new("uint64_t[?]", bytesCount / 8)
local seed = 0ULL

function setup(thread) thread:set("first", math.random(1, 1000000000)) end

function init()
  math.randomseed(os.time())
  seed = 0x9e3779b97f4a7c15ULL * (first + 1) + os.time()
end

function request()
  for i = 0, bytesCount / 8 - 1 do
    seed = bit.bxor(seed, bit.lshift(seed, 13))
    seed = bit.bxor(seed, bit.rshift(seed, 7))
    seed = bit.bxor(seed, bit.lshift(seed, 17))
    words[i] = seed
  end
  local headers = { ["Content-Type"] = "application/octet-stream" }
  return wrk.format("POST", nil, headers, ffi.string(words, bytesCount))
end
