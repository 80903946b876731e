"""Small correct Java methods with the changes that break them.

`FN` is the method's name, drawn from the `N:` line. `L: old => new` makes the result wrong,
`R: old => new` makes it read past an end or touch null.
"""

from __future__ import annotations

JAVA = r"""
N: findMax maxValue largestElement getMaximum
public int FN(int[] nums) {
    int max = nums[0];
    for (int i = 1; i < nums.length; i++) {
        if (nums[i] > max) {
            max = nums[i];
        }
    }
    return max;
}
L: nums[i] > max => nums[i] < max
L: max = nums[i]; => max += nums[i];
L: int max = nums[0] => int max = 0
R: i < nums.length => i <= nums.length
====
N: sumEven addEvens evenSum totalOfEvens
public int FN(int[] nums) {
    int sum = 0;
    for (int i = 0; i < nums.length; i++) {
        if (nums[i] % 2 == 0) {
            sum += nums[i];
        }
    }
    return sum;
}
L: % 2 == 0 => % 2 == 1
L: sum += nums[i] => sum += i
L: sum += nums[i] => sum -= nums[i]
L: int i = 0 => int i = 1
R: i < nums.length => i <= nums.length
====
N: reverseString reverse flipText backwards
public String FN(String s) {
    StringBuilder sb = new StringBuilder();
    for (int i = s.length() - 1; i >= 0; i--) {
        sb.append(s.charAt(i));
    }
    return sb.toString();
}
L: i >= 0 => i > 0
L: sb.append(s.charAt(i)) => sb.insert(0, s.charAt(i))
R: s.length() - 1; => s.length();
====
N: isPalindrome checkPalindrome palindrome
public boolean FN(String s) {
    int left = 0;
    int right = s.length() - 1;
    while (left < right) {
        if (s.charAt(left) != s.charAt(right)) {
            return false;
        }
        left++;
        right--;
    }
    return true;
}
L: != s.charAt => == s.charAt
L: return true; => return false;
L: return false; => return true;
L: while (left < right) => while (left > right)
R: s.length() - 1 => s.length()
====
N: twoSum findPair pairWithSum
public int[] FN(int[] nums, int target) {
    Map<Integer, Integer> map = new HashMap<>();
    for (int i = 0; i < nums.length; i++) {
        int need = target - nums[i];
        if (map.containsKey(need)) {
            return new int[]{map.get(need), i};
        }
        map.put(nums[i], i);
    }
    return new int[]{-1, -1};
}
L: target - nums[i] => target + nums[i]
L: map.put(nums[i], i) => map.put(i, nums[i])
L: int need = target - nums[i]; => int need = nums[i] - target;
R: i < nums.length => i <= nums.length
====
N: binarySearch search indexOf findIndex
public int FN(int[] nums, int target) {
    int left = 0, right = nums.length - 1;
    while (left <= right) {
        int mid = left + (right - left) / 2;
        if (nums[mid] == target) {
            return mid;
        } else if (nums[mid] < target) {
            left = mid + 1;
        } else {
            right = mid - 1;
        }
    }
    return -1;
}
L: nums[mid] < target => nums[mid] > target
L: while (left <= right) => while (left < right)
L: left + (right - left) / 2 => (right - left) / 2
L: return mid; => return left;
R: right = nums.length - 1; => right = nums.length;
====
N: factorial fact computeFactorial
public long FN(int n) {
    long result = 1;
    for (int i = 2; i <= n; i++) {
        result *= i;
    }
    return result;
}
L: result *= i => result += i
L: long result = 1 => long result = 0
L: i <= n => i < n
====
N: fib fibonacci nthFibonacci
public int FN(int n) {
    if (n < 2) return n;
    int[] dp = new int[n + 1];
    dp[0] = 0;
    dp[1] = 1;
    for (int i = 2; i <= n; i++) {
        dp[i] = dp[i - 1] + dp[i - 2];
    }
    return dp[n];
}
L: dp[i - 1] + dp[i - 2] => dp[i - 1] - dp[i - 2]
L: dp[1] = 1 => dp[1] = 2
L: return dp[n] => return dp[n - 1]
R: new int[n + 1] => new int[n]
R: int i = 2; => int i = 1;
====
N: countVowels vowels numberOfVowels
public int FN(String s) {
    int count = 0;
    for (char c : s.toCharArray()) {
        if (c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u') {
            count++;
        }
    }
    return count;
}
L: c == 'a' || => c != 'a' ||
L: count++ => count--
L: int count = 0 => int count = 1
L: c == 'a' || c == 'e' => c == 'a' && c == 'e'
====
N: removeDuplicates dedupe uniqueCount
public int FN(int[] nums) {
    if (nums.length == 0) {
        return 0;
    }
    int k = 1;
    for (int i = 1; i < nums.length; i++) {
        if (nums[i] != nums[i - 1]) {
            nums[k] = nums[i];
            k++;
        }
    }
    return k;
}
L: nums[i] != nums[i - 1] => nums[i] == nums[i - 1]
L: return k; => return k - 1;
L: nums[k] = nums[i]; => nums[k] = nums[k - 1];
R: int i = 1; => int i = 0;
R: i < nums.length => i <= nums.length
====
N: moveZeroes pushZeros zerosToEnd
public void FN(int[] nums) {
    int index = 0;
    for (int i = 0; i < nums.length; i++) {
        if (nums[i] != 0) {
            int temp = nums[index];
            nums[index] = nums[i];
            nums[i] = temp;
            index++;
        }
    }
}
L: nums[i] != 0 => nums[i] == 0
L: nums[i] = temp; => nums[index] = temp;
R: i < nums.length => i <= nums.length
====
N: isPrime checkPrime prime
public boolean FN(int n) {
    if (n < 2) {
        return false;
    }
    for (int i = 2; i * i <= n; i++) {
        if (n % i == 0) {
            return false;
        }
    }
    return true;
}
L: i * i <= n => i * i < n
L: n % i == 0 => n % i != 0
L: int i = 2 => int i = 1
L: if (n < 2) => if (n > 2)
====
N: gcd greatestCommonDivisor commonDivisor
public int FN(int a, int b) {
    while (b != 0) {
        int temp = b;
        b = a % b;
        a = temp;
    }
    return a;
}
L: return a; => return b;
L: b = a % b => b = a - b
L: int temp = b => int temp = a
====
N: mergeArrays mergeSorted combine
public int[] FN(int[] first, int[] second) {
    int[] result = new int[first.length + second.length];
    int i = 0, j = 0, k = 0;
    while (i < first.length && j < second.length) {
        if (first[i] <= second[j]) {
            result[k++] = first[i++];
        } else {
            result[k++] = second[j++];
        }
    }
    while (i < first.length) {
        result[k++] = first[i++];
    }
    while (j < second.length) {
        result[k++] = second[j++];
    }
    return result;
}
L: first[i] <= second[j] => first[i] >= second[j]
L: while (i < first.length) { => while (i > first.length) {
L: return result; => return first;
R: first.length && j < second.length => first.length || j < second.length
R: new int[first.length + second.length] => new int[first.length]
====
N: bubbleSort sortArray sort
public int[] FN(int[] nums) {
    int n = nums.length;
    for (int i = 0; i < n - 1; i++) {
        for (int j = 0; j < n - i - 1; j++) {
            if (nums[j] > nums[j + 1]) {
                int temp = nums[j];
                nums[j] = nums[j + 1];
                nums[j + 1] = temp;
            }
        }
    }
    return nums;
}
L: nums[j] > nums[j + 1] => nums[j] < nums[j + 1]
L: nums[j + 1] = temp; => nums[j] = temp;
L: j < n - i - 1 => j < i
R: j < n - i - 1 => j < n - i
====
N: isAnagram anagrams sameLetters
public boolean FN(String s, String t) {
    if (s.length() != t.length()) {
        return false;
    }
    int[] count = new int[26];
    for (int i = 0; i < s.length(); i++) {
        count[s.charAt(i) - 'a']++;
        count[t.charAt(i) - 'a']--;
    }
    for (int c : count) {
        if (c != 0) {
            return false;
        }
    }
    return true;
}
L: count[t.charAt(i) - 'a']--; => count[t.charAt(i) - 'a']++;
L: if (c != 0) => if (c == 0)
R: new int[26] => new int[10]
R: i < s.length() => i <= s.length()
====
N: maxSubArray maxSum largestSubarray
public int FN(int[] nums) {
    int current = nums[0];
    int max = nums[0];
    for (int i = 1; i < nums.length; i++) {
        current = Math.max(nums[i], current + nums[i]);
        max = Math.max(max, current);
    }
    return max;
}
L: Math.max(nums[i], current + nums[i]) => Math.min(nums[i], current + nums[i])
L: Math.max(max, current) => Math.min(max, current)
L: return max => return current
L: current + nums[i]) => current - nums[i])
R: i < nums.length => i <= nums.length
====
N: maxProfit bestTrade stockProfit
public int FN(int[] prices) {
    int min = Integer.MAX_VALUE;
    int profit = 0;
    for (int i = 0; i < prices.length; i++) {
        min = Math.min(min, prices[i]);
        profit = Math.max(profit, prices[i] - min);
    }
    return profit;
}
L: prices[i] - min => min - prices[i]
L: Integer.MAX_VALUE => Integer.MIN_VALUE
L: Math.max(profit => Math.min(profit
L: return profit => return min
R: i < prices.length => i <= prices.length
====
N: isValid balanced validBrackets
public boolean FN(String s) {
    Stack<Character> stack = new Stack<>();
    for (char c : s.toCharArray()) {
        if (c == '(' || c == '[' || c == '{') {
            stack.push(c);
        } else {
            if (stack.isEmpty()) return false;
            char top = stack.pop();
            if (c == ')' && top != '(') return false;
            if (c == ']' && top != '[') return false;
            if (c == '}' && top != '{') return false;
        }
    }
    return stack.isEmpty();
}
L: return stack.isEmpty(); => return !stack.isEmpty();
L: c == ')' && top != '(' => c == ')' && top == '('
L: c == '}' && top != '{' => c == '}' && top != '['
====
N: reverseList reverseLinkedList flip
public ListNode FN(ListNode head) {
    ListNode prev = null;
    ListNode curr = head;
    while (curr != null) {
        ListNode next = curr.next;
        curr.next = prev;
        prev = curr;
        curr = next;
    }
    return prev;
}
L: return prev => return head
L: while (curr != null) => while (curr == null)
L: prev = curr; => prev = head;
====
N: hasCycle isCyclic detectLoop
public boolean FN(ListNode head) {
    ListNode slow = head;
    ListNode fast = head;
    while (fast != null && fast.next != null) {
        slow = slow.next;
        fast = fast.next.next;
        if (slow == fast) {
            return true;
        }
    }
    return false;
}
L: slow == fast => slow != fast
L: return false; => return true;
L: fast = fast.next.next => fast = fast.next
R: fast != null && fast.next != null => fast.next != null
====
N: maxDepth height treeDepth
public int FN(TreeNode root) {
    if (root == null) {
        return 0;
    }
    int left = FN(root.left);
    int right = FN(root.right);
    return Math.max(left, right) + 1;
}
L: Math.max => Math.min
L: int right = FN(root.right) => int right = FN(root.left)
L: Math.max(left, right) + 1 => Math.max(left, right)
R: root == null => root.left == null
====
N: identical equalTrees compareTrees
public boolean FN(TreeNode a, TreeNode b) {
    if (a == null && b == null) {
        return true;
    }
    if (a == null || b == null || a.val != b.val) {
        return false;
    }
    return FN(a.left, b.left) && FN(a.right, b.right);
}
L: a.val != b.val => a.val == b.val
L: b.left) && FN => b.left) || FN
L: FN(a.right, b.right) => FN(a.right, b.left)
R: a == null || b == null || => b == null ||
====
N: inorder inorderTraversal listInOrder
public List<Integer> FN(TreeNode root) {
    List<Integer> result = new ArrayList<>();
    Stack<TreeNode> stack = new Stack<>();
    TreeNode curr = root;
    while (curr != null || !stack.isEmpty()) {
        while (curr != null) {
            stack.push(curr);
            curr = curr.left;
        }
        curr = stack.pop();
        result.add(curr.val);
        curr = curr.right;
    }
    return result;
}
L: curr = curr.left => curr = curr.right
L: || !stack.isEmpty() => && !stack.isEmpty()
====
N: missingNumber findMissing absentNumber
public int FN(int[] nums) {
    int n = nums.length;
    int total = n * (n + 1) / 2;
    for (int i = 0; i < n; i++) {
        total -= nums[i];
    }
    return total;
}
L: n * (n + 1) / 2 => n * (n - 1) / 2
L: total -= nums[i] => total += nums[i]
L: total -= nums[i] => total -= i
R: i < n => i <= n
====
N: singleNumber findUnique lonely
public int FN(int[] nums) {
    int result = 0;
    for (int num : nums) {
        result ^= num;
    }
    return result;
}
L: result ^= num => result |= num
L: int result = 0 => int result = 1
L: result ^= num => result += num
====
N: containsDuplicate hasRepeat anyTwice
public boolean FN(int[] nums) {
    Set<Integer> set = new HashSet<>();
    for (int num : nums) {
        if (set.contains(num)) {
            return true;
        }
        set.add(num);
    }
    return false;
}
L: if (set.contains(num)) => if (!set.contains(num))
L: return false; => return true;
L: set.add(num) => set.remove(num)
====
N: transpose flipMatrix swapAxes
public int[][] FN(int[][] matrix) {
    int rows = matrix.length;
    int cols = matrix[0].length;
    int[][] result = new int[cols][rows];
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
            result[j][i] = matrix[i][j];
        }
    }
    return result;
}
L: return result => return matrix
L: int j = 0 => int j = 1
L: result[j][i] = matrix[i][j]; => result[j][i] = matrix[0][j];
R: new int[cols][rows] => new int[rows][rows - 1]
R: i < rows => i <= rows
====
N: maximumWealth richest bestRow
public int FN(int[][] accounts) {
    int max = 0;
    for (int i = 0; i < accounts.length; i++) {
        int sum = 0;
        for (int j = 0; j < accounts[i].length; j++) {
            sum += accounts[i][j];
        }
        max = Math.max(max, sum);
    }
    return max;
}
L: Math.max => Math.min
L: sum += accounts[i][j] => sum = accounts[i][j]
L: Math.max(max, sum) => Math.max(max, i)
R: j < accounts[i].length => j <= accounts[i].length
R: i < accounts.length => i <= accounts.length
====
N: addDigits digitSum sumOfDigits
public int FN(int n) {
    int sum = 0;
    while (n > 0) {
        sum += n % 10;
        n /= 10;
    }
    return sum;
}
L: n % 10 => n / 10
L: while (n > 0) => while (n > 10)
L: sum += => sum *=
L: n /= 10 => n /= 100
====
N: reverseInteger reverseDigits mirror
public int FN(int n) {
    int result = 0;
    while (n != 0) {
        int digit = n % 10;
        if (result > Integer.MAX_VALUE / 10 || result < Integer.MIN_VALUE / 10) {
            return 0;
        }
        result = result * 10 + digit;
        n /= 10;
    }
    return result;
}
L: result * 10 + digit => result + digit * 10
L: n % 10 => n % 2
L: || result < Integer.MIN_VALUE / 10 => || result < Integer.MAX_VALUE / 10
====
N: climbStairs waysToClimb countWays
public int FN(int n) {
    if (n <= 2) {
        return n;
    }
    int first = 1;
    int second = 2;
    for (int i = 3; i <= n; i++) {
        int third = first + second;
        first = second;
        second = third;
    }
    return second;
}
L: return second => return first
L: first + second => first * second
L: int i = 3 => int i = 2
L: first = second; => first = third;
====
N: mostFrequent majority topElement
public int FN(int[] nums) {
    Map<Integer, Integer> map = new HashMap<>();
    int result = nums[0];
    for (int num : nums) {
        map.put(num, map.getOrDefault(num, 0) + 1);
        if (map.get(num) > map.get(result)) {
            result = num;
        }
    }
    return result;
}
L: map.get(num) > map.get(result) => map.get(num) < map.get(result)
L: map.getOrDefault(num, 0) + 1 => map.getOrDefault(num, 0)
R: map.get(num) > map.get(result) => map.get(num) > map.get(result + 1)
====
N: firstUniqChar firstUnique uniqueIndex
public int FN(String s) {
    int[] count = new int[26];
    for (int i = 0; i < s.length(); i++) {
        count[s.charAt(i) - 'a']++;
    }
    for (int i = 0; i < s.length(); i++) {
        if (count[s.charAt(i) - 'a'] == 1) {
            return i;
        }
    }
    return -1;
}
L: == 1) => > 1)
L: return i; => return i + 1;
L: return -1; => return 0;
R: i < s.length() => i <= s.length()
R: count[s.charAt(i) - 'a']++ => count[s.charAt(i)]++
====
N: longestCommonPrefix sharedPrefix commonStart
public String FN(String[] words) {
    String prefix = words[0];
    for (int i = 1; i < words.length; i++) {
        while (words[i].indexOf(prefix) != 0) {
            prefix = prefix.substring(0, prefix.length() - 1);
        }
    }
    return prefix;
}
L: return prefix; => return words[0];
L: prefix.substring(0, prefix.length() - 1) => prefix.substring(1)
R: i < words.length => i <= words.length
R: prefix.length() - 1 => prefix.length() + 1
====
N: productExceptSelf productOfOthers otherProducts
public int[] FN(int[] nums) {
    int n = nums.length;
    int[] result = new int[n];
    result[0] = 1;
    for (int i = 1; i < n; i++) {
        result[i] = result[i - 1] * nums[i - 1];
    }
    int right = 1;
    for (int i = n - 1; i >= 0; i--) {
        result[i] *= right;
        right *= nums[i];
    }
    return result;
}
L: int right = 1 => int right = 0
L: result[i] *= right => result[i] += right
L: result[i - 1] * nums[i - 1] => result[i - 1] * nums[i]
L: right *= nums[i]; => right += nums[i];
R: int i = n - 1 => int i = n
R: int i = 1; => int i = 0;
====
N: numIslands countIslands islands
public int FN(char[][] grid) {
    int count = 0;
    for (int i = 0; i < grid.length; i++) {
        for (int j = 0; j < grid[0].length; j++) {
            if (grid[i][j] == '1') {
                count++;
                sink(grid, i, j);
            }
        }
    }
    return count;
}

private void sink(char[][] grid, int i, int j) {
    if (i < 0 || j < 0 || i >= grid.length || j >= grid[0].length || grid[i][j] != '1') {
        return;
    }
    grid[i][j] = '0';
    sink(grid, i + 1, j);
    sink(grid, i - 1, j);
    sink(grid, i, j + 1);
    sink(grid, i, j - 1);
}
L: grid[i][j] == '1' => grid[i][j] == '0'
L: sink(grid, i - 1, j); => sink(grid, i + 1, j);
L: count++ => count--
R: i >= grid.length || => i > grid.length ||
R: i < 0 || j < 0 || => j < 0 ||
====
N: coinChange minCoins fewestCoins
public int FN(int[] coins, int amount) {
    int[] dp = new int[amount + 1];
    Arrays.fill(dp, amount + 1);
    dp[0] = 0;
    for (int i = 1; i <= amount; i++) {
        for (int coin : coins) {
            if (coin <= i) {
                dp[i] = Math.min(dp[i], dp[i - coin] + 1);
            }
        }
    }
    return dp[amount] > amount ? -1 : dp[amount];
}
L: Math.min => Math.max
L: dp[i - coin] + 1 => dp[i - coin]
L: dp[amount] > amount => dp[amount] < amount
L: dp[0] = 0; => dp[0] = 1;
R: new int[amount + 1] => new int[amount]
R: coin <= i => coin >= i
====
N: fizzBuzz fizz playFizzBuzz
public List<String> FN(int n) {
    List<String> result = new ArrayList<>();
    for (int i = 1; i <= n; i++) {
        if (i % 15 == 0) {
            result.add("FizzBuzz");
        } else if (i % 3 == 0) {
            result.add("Fizz");
        } else if (i % 5 == 0) {
            result.add("Buzz");
        } else {
            result.add(String.valueOf(i));
        }
    }
    return result;
}
L: i <= n => i < n
L: i % 15 => i % 8
L: i % 3 == 0 => i / 3 == 0
L: i % 5 == 0 => i % 5 != 0
L: int i = 1 => int i = 0
====
N: isPowerOfTwo powerOfTwo checkPower
public boolean FN(int n) {
    if (n <= 0) {
        return false;
    }
    while (n % 2 == 0) {
        n /= 2;
    }
    return n == 1;
}
L: n == 1 => n != 1
L: n /= 2 => n -= 2
L: if (n <= 0) => if (n >= 0)
====
N: rotate rotateRight shift
public void FN(int[] nums, int k) {
    int n = nums.length;
    k = k % n;
    int[] temp = new int[n];
    for (int i = 0; i < n; i++) {
        temp[(i + k) % n] = nums[i];
    }
    for (int i = 0; i < n; i++) {
        nums[i] = temp[i];
    }
}
L: nums[i] = temp[i]; => temp[i] = nums[i];
L: temp[(i + k) % n] = nums[i]; => temp[i] = nums[(i + 1) % n];
R: temp[(i + k) % n] => temp[i + k]
R: new int[n] => new int[k]
====
N: maxArea containerWater biggestContainer
public int FN(int[] height) {
    int left = 0;
    int right = height.length - 1;
    int max = 0;
    while (left < right) {
        int area = Math.min(height[left], height[right]) * (right - left);
        max = Math.max(max, area);
        if (height[left] < height[right]) {
            left++;
        } else {
            right--;
        }
    }
    return max;
}
L: Math.min(height => Math.max(height
L: (right - left) => (right + left)
L: height[left] < height[right]) { => height[left] > height[right]) {
L: return max => return right
R: height.length - 1 => height.length
====
N: wordCount countWords frequencies
public Map<String, Integer> FN(String text) {
    Map<String, Integer> map = new HashMap<>();
    String[] words = text.split(" ");
    for (String word : words) {
        if (map.containsKey(word)) {
            map.put(word, map.get(word) + 1);
        } else {
            map.put(word, 1);
        }
    }
    return map;
}
L: map.put(word, 1) => map.put(word, 0)
L: map.get(word) + 1 => map.get(word) - 1
L: text.split(" ") => text.split(",")
R: if (map.containsKey(word)) => if (!map.containsKey(word))
====
N: pivotIndex balancePoint middleIndex
public int FN(int[] nums) {
    int total = 0;
    for (int num : nums) {
        total += num;
    }
    int left = 0;
    for (int i = 0; i < nums.length; i++) {
        if (left == total - left - nums[i]) {
            return i;
        }
        left += nums[i];
    }
    return -1;
}
L: total - left - nums[i] => total - left
L: left += nums[i] => left -= nums[i]
L: return i; => return left;
R: i < nums.length => i <= nums.length
"""
