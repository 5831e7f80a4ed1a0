-- Deletes those of the given tasks that have ended and says how many that were. ARGV: uids
local deleted = 0
for _, uid in ipairs(ARGV) do
  local filed = filed_of(uid)
  if filed and not is_open(filed.status) then
    forget(uid, filed)
    deleted = deleted + 1
  end
end
return deleted
