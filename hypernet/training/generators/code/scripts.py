"""Small correct Python and JavaScript functions with the changes that break them.

The lines are those of `code_java`; a `T:` line holds arguments (JSON) on which the tests run them.
"""

from __future__ import annotations

PYTHON = r"""
N: find_max largest max_value
def FN(nums):
    best = nums[0]
    for i in range(1, len(nums)):
        if nums[i] > best:
            best = nums[i]
    return best
L: nums[i] > best => nums[i] < best
L: best = nums[i] => best += nums[i]
R: range(1, len(nums)) => range(1, len(nums) + 1)
T: [[3, 9, 2, 7]]
====
N: sum_even even_total add_evens
def FN(nums):
    total = 0
    for num in nums:
        if num % 2 == 0:
            total += num
    return total
L: num % 2 == 0 => num % 2 == 1
L: total += num => total -= num
L: total = 0 => total = 1
T: [[3, 4, 8, 7]]
====
N: is_palindrome palindrome check
def FN(s):
    left = 0
    right = len(s) - 1
    while left < right:
        if s[left] != s[right]:
            return False
        left += 1
        right -= 1
    return True
L: s[left] != s[right] => s[left] == s[right]
L: return True => return False
R: right = len(s) - 1 => right = len(s)
T: ["level"]
====
N: two_sum find_pair pair_indices
def FN(nums, target):
    seen = {}
    for i, num in enumerate(nums):
        need = target - num
        if need in seen:
            return [seen[need], i]
        seen[num] = i
    return []
L: target - num => target + num
L: return [seen[need], i] => return [need, num]
L: seen[num] = i => seen[i] = num
T: [[2, 7, 11, 15], 18]
====
N: binary_search search find_index
def FN(nums, target):
    left = 0
    right = len(nums) - 1
    while left <= right:
        mid = (left + right) // 2
        if nums[mid] == target:
            return mid
        if nums[mid] < target:
            left = mid + 1
        else:
            right = mid - 1
    return -1
L: nums[mid] < target => nums[mid] > target
L: while left <= right => while left < right
L: return mid => return left - 1
R: right = len(nums) - 1 => right = len(nums) + 1
T: [[1, 4, 6, 9, 12], 12]
====
N: factorial fact product_up_to
def FN(n):
    result = 1
    for i in range(2, n + 1):
        result *= i
    return result
L: result *= i => result += i
L: range(2, n + 1) => range(2, n)
L: result = 1 => result = 0
T: [5]
====
N: count_words word_count frequencies
def FN(text):
    counts = {}
    for word in text.split():
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts
L: counts[word] = 1 => counts[word] = 0
L: counts[word] += 1 => counts[word] -= 1
R: if word in counts: => if word not in counts:
T: ["a b a c a"]
====
N: reverse_words flip_words backwards
def FN(text):
    words = text.split()
    result = []
    for i in range(len(words) - 1, -1, -1):
        result.append(words[i])
    return " ".join(result)
L: range(len(words) - 1, -1, -1) => range(len(words) - 1, 0, -1)
L: " ".join(result) => "".join(result)
R: range(len(words) - 1, -1, -1) => range(len(words), -1, -1)
T: ["one two three"]
====
N: fibonacci fib nth_fib
def FN(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, a + b
    return a
L: return a => return b
L: a + b => a - b
L: a, b = 0, 1 => a, b = 1, 2
T: [8]
====
N: is_prime prime check_prime
def FN(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True
L: n % i == 0 => n % i != 0
L: i * i <= n => i * i < n
L: i = 2 => i = 3
T: [4]
====
N: flatten unnest merge_rows
def FN(matrix):
    result = []
    for i in range(len(matrix)):
        for j in range(len(matrix[i])):
            result.append(matrix[i][j])
    return result
L: return result => return matrix
L: result.append(matrix[i][j]) => result.append(i)
R: range(len(matrix[i])) => range(len(matrix[i]) + 1)
R: matrix[i][j] => matrix[j + 1][i]
T: [[[1, 2], [3, 4], [5, 6]]]
====
N: max_profit best_trade profit_of
def FN(prices):
    low = prices[0]
    best = 0
    for i in range(1, len(prices)):
        best = max(best, prices[i] - low)
        low = min(low, prices[i])
    return best
L: prices[i] - low => low - prices[i]
L: max(best => min(best
L: return best => return low
R: range(1, len(prices)) => range(1, len(prices) + 1)
T: [[7, 1, 5, 3, 6, 4]]
====
N: common_items overlap shared
def FN(first, second):
    result = []
    for item in first:
        if item in second and item not in result:
            result.append(item)
    return result
L: item in second and => item not in second and
L: and item not in result => and item in result
L: return result => return first
T: [[1, 2, 2, 3], [2, 3, 5]]
====
N: bubble_sort sort_numbers ordered
def FN(nums):
    n = len(nums)
    for i in range(n):
        for j in range(n - i - 1):
            if nums[j] > nums[j + 1]:
                nums[j], nums[j + 1] = nums[j + 1], nums[j]
    return nums
L: nums[j] > nums[j + 1]: => nums[j] < nums[j + 1]:
L: = nums[j + 1], nums[j] => = nums[j], nums[j + 1]
R: range(n - i - 1) => range(n - i)
T: [[5, 2, 9, 1]]
====
N: count_vowels vowels vowel_total
def FN(text):
    count = 0
    for letter in text.lower():
        if letter in "aeiou":
            count += 1
    return count
L: if letter in => if letter not in
L: count += 1 => count = 1
L: "aeiou" => "aei"
T: ["Ocean waves"]
====
N: average mean mean_of
def FN(nums):
    if len(nums) == 0:
        return 0
    total = 0
    for num in nums:
        total += num
    return total / len(nums)
L: total / len(nums) => total * len(nums)
L: total = 0 => total = 1
L: total += num => total = num
T: [[2, 4, 9]]
"""

JAVASCRIPT = r"""
N: findMax largest maxValue
function FN(nums) {
  let best = nums[0];
  for (let i = 1; i < nums.length; i++) {
    if (nums[i] > best) {
      best = nums[i];
    }
  }
  return best;
}
L: nums[i] > best => nums[i] < best
L: best = nums[i]; => best += nums[i];
T: [[3, 9, 2, 7]]
====
N: sumEven evenTotal addEvens
function FN(nums) {
  let total = 0;
  for (const num of nums) {
    if (num % 2 === 0) {
      total += num;
    }
  }
  return total;
}
L: num % 2 === 0 => num % 2 === 1
L: total += num => total -= num
L: let total = 0 => let total = 1
T: [[3, 4, 8, 7]]
====
N: reverseText reverse backwards
function FN(text) {
  let result = "";
  for (let i = text.length - 1; i >= 0; i--) {
    result += text[i];
  }
  return result;
}
L: i >= 0 => i > 0
L: result += text[i] => result = text[i]
L: result += text[i] => result = text[i] + result
T: ["hello"]
====
N: isPalindrome palindrome samebackwards
function FN(text) {
  let left = 0;
  let right = text.length - 1;
  while (left < right) {
    if (text[left] !== text[right]) {
      return false;
    }
    left++;
    right--;
  }
  return true;
}
L: text[left] !== text[right] => text[left] === text[right]
L: return true => return false
L: text.length - 1 => text.length
T: ["level"]
====
N: twoSum findPair pairIndices
function FN(nums, target) {
  const seen = new Map();
  for (let i = 0; i < nums.length; i++) {
    const need = target - nums[i];
    if (seen.has(need)) {
      return [seen.get(need), i];
    }
    seen.set(nums[i], i);
  }
  return [];
}
L: target - nums[i] => target + nums[i]
L: if (seen.has(need)) => if (!seen.has(need))
L: seen.set(nums[i], i) => seen.set(i, nums[i])
T: [[2, 7, 11, 15], 18]
====
N: countWords wordCount frequencies
function FN(text) {
  const counts = {};
  for (const word of text.split(" ")) {
    counts[word] = (counts[word] || 0) + 1;
  }
  return counts;
}
L: (counts[word] || 0) + 1 => (counts[word] || 1) + 1
L: text.split(" ") => text.split("")
L: (counts[word] || 0) + 1 => (counts[word] || 0) - 1
T: ["a bb a c a"]
====
N: unique dedupe withoutRepeats
function FN(items) {
  const result = [];
  for (let i = 0; i < items.length; i++) {
    if (!result.includes(items[i])) {
      result.push(items[i]);
    }
  }
  return result;
}
L: !result.includes => result.includes
L: return result => return items
L: let i = 0 => let i = 1
T: [[1, 2, 2, 3, 1]]
====
N: factorial fact productUpTo
function FN(n) {
  let result = 1;
  for (let i = 2; i <= n; i++) {
    result *= i;
  }
  return result;
}
L: result *= i => result += i
L: i <= n => i < n
L: let result = 1 => let result = 0
T: [5]
====
N: chunk split inGroups
function FN(items, size) {
  const result = [];
  for (let i = 0; i < items.length; i += size) {
    result.push(items.slice(i, i + size));
  }
  return result;
}
L: items.slice(i, i + size) => items.slice(0, i + size)
L: i += size => i += 1
L: items.slice(i, i + size) => items.slice(i, size)
T: [[1, 2, 3, 4, 5], 2]
====
N: totalPrice cartTotal orderSum
function FN(prices, counts, discount) {
  let total = 0;
  for (let i = 0; i < prices.length; i++) {
    total += prices[i] * counts[i];
  }
  if (total > 100) {
    total = total - total * discount;
  }
  return total;
}
L: prices[i] * counts[i] => prices[i] + counts[i]
L: total > 100 => total < 100
L: total - total * discount => total + total * discount
T: [[30, 50], [2, 1], 0.5]
====
N: capitalize titleCase upperFirst
function FN(text) {
  const words = text.split(" ");
  for (let i = 0; i < words.length; i++) {
    words[i] = words[i].charAt(0).toUpperCase() + words[i].slice(1);
  }
  return words.join(" ");
}
L: words[i].slice(1) => words[i].slice(0)
L: words.join(" ") => words.join("")
L: charAt(0).toUpperCase() => charAt(0).toLowerCase()
T: ["one two three"]
====
N: average mean meanOf
function FN(nums) {
  if (nums.length === 0) {
    return 0;
  }
  let total = 0;
  for (const num of nums) {
    total += num;
  }
  return total / nums.length;
}
L: total / nums.length => total * nums.length
L: let total = 0 => let total = 1
L: total += num => total = num
T: [[2, 4, 9]]
====
N: isPrime prime checkPrime
function FN(n) {
  if (n < 2) {
    return false;
  }
  for (let i = 2; i * i <= n; i++) {
    if (n % i === 0) {
      return false;
    }
  }
  return true;
}
L: n % i === 0 => n % i !== 0
L: i * i <= n => i * i < n
L: let i = 2 => let i = 3
T: [4]
====
N: transpose flipGrid swapAxes
function FN(matrix) {
  const result = [];
  for (let j = 0; j < matrix[0].length; j++) {
    const row = [];
    for (let i = 0; i < matrix.length; i++) {
      row.push(matrix[i][j]);
    }
    result.push(row);
  }
  return result;
}
L: result.push(row) => result.push(j)
L: return result => return matrix
L: row.push(matrix[i][j]) => row.push(matrix[i][0])
T: [[[1, 2, 3], [4, 5, 6]]]
"""
