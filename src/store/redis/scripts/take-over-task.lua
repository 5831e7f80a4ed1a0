-- Makes a router the one that follows an open task, and answers with the number of that change of hands, or with nothing.
-- ARGV: new owner, uid
local filed = filed_of(ARGV[2])
if not filed or not is_open(filed.status) then return false end
return hand_over(ARGV[2], ARGV[1])
